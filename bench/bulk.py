"""Bulk runs of several stacks in turn: what each did, the medians, and the ratio of each to the first."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bench.stacks import Found, Stack

SEED = 20261123
WARM_UP = 30


@dataclass(frozen=True)
class Entrant:
    """A stack, and how many referrals it is given in each round."""

    name: str
    stack: Stack
    count: int


def compete(entrants: Sequence[Entrant], rounds: int) -> None:
    """Runs them in turn; prints each run, and what comes of all."""
    runs: dict[str, list[Found]] = {entrant.name: [] for entrant in entrants}
    for number in range(rounds):
        for entrant in entrants:
            runs[entrant.name].append(_run(entrant, number))
    first = runs[entrants[0].name]
    for name, found in runs.items():
        say(f"{name:>12}, median of {rounds}: {_medians(found)}{_ratios(found, first)}")
    say(json.dumps({"bulk": runs}), to=sys.stdout)


def _run(entrant: Entrant, number: int) -> Found:
    """One run of a stack that runs alone and is warm."""
    with entrant.stack.running():
        entrant.stack.run("--count", str(WARM_UP), "--seed", str(SEED + 1000 + number))
        found = entrant.stack.run("--count", str(entrant.count), "--seed", str(SEED + number))
    say(f"{entrant.name:>12} bulk  {short(found)}")
    return found


def short(found: Found) -> str:
    shares = ", ".join(f"{name} {seconds:.1f}" for name, seconds in found["cpu_seconds"].items())
    told = f"{found['referrals_per_s']:6.1f} referrals/s, {found['cpu_ms_per_referral']:.1f} ms CPU each ({shares})"
    return f"{told}, {peak(found)} MB" + (f" MISSING {found['missing']}" if found["missing"] else "")


def peak(found: Found) -> float:
    """Peak memory of the largest worker, in MB."""
    return max((mb for name, mb in found["peak_mb"].items() if name.startswith("worker")), default=0.0)


def per_cpu_second(found: Found) -> float:
    return float(1000 / found["cpu_ms_per_referral"])


def _medians(found: Sequence[Found]) -> str:
    speed, thrift = median(each["referrals_per_s"] for each in found), median(map(per_cpu_second, found))
    return f"{speed:.1f} referrals/s, {thrift:.1f} per CPU second"


def _ratios(found: Sequence[Found], first: Sequence[Found]) -> str:
    """Medians of the ratios of each round: what slows both down at a time falls out."""
    if found is first:
        return ""
    pairs = list(zip(found, first, strict=True))
    speed = median(one["referrals_per_s"] / other["referrals_per_s"] for one, other in pairs)
    thrift = median(per_cpu_second(one) / per_cpu_second(other) for one, other in pairs)
    return f"; {speed:.2f} of the first in speed, {thrift:.2f} in CPU"


def say(text: str, to: object = None) -> None:
    print(text, file=to or sys.stderr, flush=True)  # type: ignore[arg-type]
