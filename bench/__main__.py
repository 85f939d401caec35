"""`python -m bench`: both stacks in turn, medians of their runs, and the ratio; or one question about ours."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import structlog

from bench import backlog, plans, servers, stacks
from bench.bulk import SEED, WARM_UP, Entrant, compete, say, short
from bench.servers import Servers
from bench.stacks import Embedded, Found, Ours, Stack, Stock

STACKS: dict[str, type[Stack]] = {Ours.name: Ours, Stock.name: Stock}


def main() -> None:
    asked = _arguments()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    where = None if asked.plans else stacks.MEMORY
    with stacks.folder(where) as folder, servers.started(broker=not asked.plans) as running:
        if asked.plans:
            plans.show(running, folder, asked.plans)
        elif asked.backlog:
            say(json.dumps({"backlog": backlog.measure(Ours(running, folder), asked.backlog)}), to=sys.stdout)
        else:
            entrants = _entrants(asked, running, folder)
            compete(entrants, asked.rounds)
            if asked.seconds and not asked.compare:
                _say_light({each.name: light(each, asked.rate, asked.seconds) for each in entrants})
    if not (asked.only or asked.compare or asked.old_rows or asked.backlog or asked.plans) and asked.embedded:
        _embedded(asked)


def _entrants(asked: argparse.Namespace, running: Servers, folder: Path) -> Sequence[Entrant]:
    if asked.compare:
        counts = [int(count) for count in asked.compare.split(",")]
        return [Entrant(f"ours {count}", Ours(running, folder, f"ours_{count}"), count) for count in counts]
    if asked.old_rows:
        young, old = Ours(running, folder), Ours(running, folder, "ours_old").grow_old(asked.old_rows)
        return [Entrant("ours", young, asked.count), Entrant("ours, old", old, asked.count)]
    return [Entrant(name, STACKS[name](running, folder), asked.count) for name in (asked.only or STACKS)]


def light(entrant: Entrant, rate: float, seconds: float) -> Found:
    with entrant.stack.running():
        entrant.stack.run("--count", str(WARM_UP), "--seed", str(SEED + 2000))
        found = entrant.stack.run("--rate", str(rate), "--seconds", str(seconds), "--seed", str(SEED + 3000))
    say(f"{entrant.name:>12} light {found['latency_ms']} ms; {short(found)}")
    return found


def _say_light(found: dict[str, Found]) -> None:
    first, *others = found
    for other in others:
        ours, theirs = found[first]["latency_ms"], found[other]["latency_ms"]
        say(f"light: {first} to {other} { {name: round(ours[name] / theirs[name], 2) for name in ours} }")
    say(json.dumps({"light": found}), to=sys.stdout)


def _embedded(asked: argparse.Namespace) -> None:
    """For information: nothing to compare it with."""
    with stacks.folder() as folder:
        stack = Embedded(folder)
        with stack.running():
            found = stack.run("--count", str(asked.count), "--seed", str(SEED))
            say(f"    embedded bulk  {short(found)}")
            if asked.seconds:
                latency = stack.run("--rate", str(asked.rate), "--seconds", str(asked.seconds), "--seed", str(SEED + 1))
                say(f"    embedded light {latency['latency_ms']} ms")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--count", type=int, default=2000, help="referrals in each bulk run")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rate", type=float, default=5, help="referrals a second in the light run")
    parser.add_argument("--seconds", type=float, default=30, help="of the light run; 0 leaves it out")
    parser.add_argument("--embedded", action=argparse.BooleanOptionalAction, default=True)
    question = parser.add_mutually_exclusive_group()
    question.add_argument("--only", choices=STACKS, action="append", help="this stack alone")
    question.add_argument("--compare", metavar="N,N", help="ours with so many referrals and with so many, in turn")
    question.add_argument("--old-rows", type=int, metavar="N", help="ours, and ours with N old rows in each table")
    question.add_argument("--backlog", type=int, metavar="N", help="ours with N messages that wait before it starts")
    question.add_argument("--plans", type=int, metavar="N", help="how queries are answered with N old rows")
    return parser.parse_args()


if __name__ == "__main__":
    main()
