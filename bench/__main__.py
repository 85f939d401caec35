"""`python -m bench`: both stacks in turn, medians of their runs, and the ratio."""

import argparse
import json
import sys
from collections.abc import Sequence
from statistics import median

from bench import servers, stacks
from bench.stacks import Embedded, Found, Ours, Stack, Stock

SEED = 20261123
WARM_UP = 30


def main() -> None:
    asked = _arguments()
    with stacks.folder() as folder, servers.started() as running:
        both: list[Stack] = [Ours(running, folder), Stock(running, folder)]
        rounds = [[bulk(stack, asked.count, number) for stack in both] for number in range(asked.rounds)]
        _say_bulk(rounds)
        if asked.seconds:
            _say_light([light(stack, asked.rate, asked.seconds) for stack in both])
    if asked.embedded:
        _embedded(asked)


def bulk(stack: Stack, count: int, number: int) -> Found:
    """One run of a stack that runs alone and is warm."""
    with stack.running():
        stack.run("--count", str(WARM_UP), "--seed", str(SEED + 1000 + number))
        found = stack.run("--count", str(count), "--seed", str(SEED + number))
    _say(f"{stack.name:>9} bulk  {_short(found)}")
    return found


def light(stack: Stack, rate: float, seconds: float) -> Found:
    with stack.running():
        stack.run("--count", str(WARM_UP), "--seed", str(SEED + 2000))
        found = stack.run("--rate", str(rate), "--seconds", str(seconds), "--seed", str(SEED + 3000))
    _say(f"{stack.name:>9} light {found['latency_ms']} ms; {_short(found)}")
    return found


def _short(found: Found) -> str:
    shares = ", ".join(f"{name} {seconds:.1f}" for name, seconds in found["cpu_seconds"].items())
    told = f"{found['referrals_per_s']:6.1f} referrals/s, {found['cpu_ms_per_referral']:.1f} ms CPU each ({shares})"
    return told + (f" MISSING {found['missing']}" if found["missing"] else "")


def _say_bulk(rounds: Sequence[Sequence[Found]]) -> None:
    ours, stock = ([each[side] for each in rounds] for side in (0, 1))
    _say(
        f"bulk, medians of {len(rounds)}: ours {_median(ours, 'referrals_per_s')}, "
        f"stock {_median(stock, 'referrals_per_s')} referrals/s; ratio {_ratio(ours, stock, 'referrals_per_s'):.2f}, "
        f"in CPU {_ratio(stock, ours, 'cpu_ms_per_referral'):.2f}"
    )
    _say(json.dumps({"bulk": {"ours": ours, "stock": stock}}), to=sys.stdout)


def _say_light(found: Sequence[Found]) -> None:
    ours, stock = (each["latency_ms"] for each in found)
    ratios = {name: round(ours[name] / stock[name], 2) for name in ours}
    _say(f"light: ours {ours}, stock {stock}; ours to stock {ratios}")
    _say(json.dumps({"light": {"ours": found[0], "stock": found[1]}}), to=sys.stdout)


def _embedded(asked: argparse.Namespace) -> None:
    """For information: nothing to compare it with."""
    with stacks.folder() as folder:
        stack = Embedded(folder)
        with stack.running():
            found = stack.run("--count", str(asked.count), "--seed", str(SEED))
            _say(f" embedded bulk  {_short(found)}")
            if asked.seconds:
                light = stack.run("--rate", str(asked.rate), "--seconds", str(asked.seconds), "--seed", str(SEED + 1))
                _say(f" embedded light {light['latency_ms']} ms")


def _median(found: Sequence[Found], name: str) -> float:
    return float(median(each[name] for each in found))


def _ratio(these: Sequence[Found], those: Sequence[Found], name: str) -> float:
    """Median of the ratios of each round: what slows both down at a time falls out."""
    return float(median(one[name] / other[name] for one, other in zip(these, those, strict=True)))


def _say(text: str, to: object = None) -> None:
    print(text, file=to or sys.stderr, flush=True)  # type: ignore[arg-type]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--count", type=int, default=600, help="referrals in each bulk run")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rate", type=float, default=5, help="referrals a second in the light run")
    parser.add_argument("--seconds", type=float, default=30, help="of the light run; 0 leaves it out")
    parser.add_argument("--embedded", action=argparse.BooleanOptionalAction, default=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
