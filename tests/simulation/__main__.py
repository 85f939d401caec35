"""`python -m tests.simulation --seeds N [--from S]` lives through N seeds, `--replay SEED [--steps …]` through one."""

import argparse
import sys
import time

from tests.simulation.seeds import live, shrink, tell


def main(arguments: list[str] | None = None) -> int:
    """Exits with 1 where a promise broke."""
    asked = _asked(arguments)
    if asked.replay is not None:
        return _replay(asked)
    return _many(asked.first, asked.seeds)


def _asked(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many seeds")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first of them")
    parser.add_argument("--replay", type=int, metavar="SEED", help="one seed, told step by step")
    parser.add_argument("--steps", help="only these of its steps, as numbers and commas")
    parser.add_argument("--whole", action="store_true", help="do not shorten the story of a seed that fails")
    return parser.parse_args(arguments)


def _replay(asked: argparse.Namespace) -> int:
    only = {int(number) for number in asked.steps.split(",")} if asked.steps else None
    story = live(asked.replay, only)
    if story.broken and not asked.whole:
        story = shrink(story)
    print(tell(story))  # noqa: T201 - its output is what it is for
    return 1 if story.broken else 0


def _many(first: int, count: int) -> int:
    started, failed = time.monotonic(), 0
    for seed in range(first, first + count):
        story = live(seed)
        if story.broken:
            failed += 1
            print(tell(shrink(story)), end="\n\n", flush=True)  # noqa: T201 - its output is what it is for
    took = time.monotonic() - started
    print(f"{count} seeds in {took:.1f} s ({count / took:.1f} a second): {failed} broke a promise")  # noqa: T201 - its output is what it is for
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
