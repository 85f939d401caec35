"""`python -m tests.simulation --seeds N [--from S]` lives through N seeds, `--replay SEED [--steps …]` through one.

With `--fault NAME` a fault of design is planted first (tests/simulation/faults): some seed should break a promise then.
"""

import argparse
import sys
import time
from contextlib import nullcontext

from tests.simulation.faults import FAULTS, planted
from tests.simulation.seeds import live, shrink, tell


def main(arguments: list[str] | None = None) -> int:
    """Exits with 1 where a promise broke."""
    asked = _asked(arguments)
    with planted(FAULTS[asked.fault]) if asked.fault else nullcontext():
        return _many(asked) if asked.replay is None else _replay(asked)


def _asked(arguments: list[str] | None) -> argparse.Namespace:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__, formatter_class=form)
    parser.add_argument("--seeds", type=int, default=200, help="how many seeds")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first of them")
    parser.add_argument("--replay", type=int, metavar="SEED", help="one seed, told step by step")
    parser.add_argument("--steps", help="only these of its steps, as numbers and commas")
    parser.add_argument("--whole", action="store_true", help="do not shorten the story of a seed that fails")
    parser.add_argument("--fault", choices=sorted(FAULTS), metavar="NAME", help=f"one of: {', '.join(sorted(FAULTS))}")
    return parser.parse_args(arguments)


def _replay(asked: argparse.Namespace) -> int:
    only = {int(number) for number in asked.steps.split(",")} if asked.steps else None
    story = live(asked.replay, only)
    if story.broken and not asked.whole:
        story = shrink(story)
    print(tell(story, asked.fault))  # noqa: T201 - its output is what it is for
    return 1 if story.broken else 0


def _many(asked: argparse.Namespace) -> int:
    started, failed = time.monotonic(), 0
    for seed in range(asked.first, asked.first + asked.seeds):
        story = live(seed)
        if story.broken:
            failed += 1
            print(tell(shrink(story), asked.fault), end="\n\n", flush=True)  # noqa: T201 - its output is what it is for
    took = time.monotonic() - started
    rate = f"{asked.seeds / took:.1f} a second"
    print(f"{asked.seeds} seeds in {took:.1f} s ({rate}): {failed} broke a promise")  # noqa: T201 - its output is what it is for
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
