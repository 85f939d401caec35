"""Figures that tell nothing about a single person."""

from collections.abc import Mapping
from dataclasses import dataclass

#: counts of people below this are not shown
SMALLEST_SHOWN = 5


@dataclass(frozen=True)
class Row:
    """Counts of people that add up to `total`; None stands for a count that is not shown."""

    cells: Mapping[str, int | None]
    total: int | None


def suppress(counts: Mapping[str, int], smallest: int = SMALLEST_SHOWN) -> Row:
    """Hides counts from 1 to `smallest - 1`, and one more where the total would give a single hidden one away.

    The further one is the smallest that is left; where there is none, the total is hidden instead.
    """
    total = sum(counts.values())
    hidden = {name for name, count in counts.items() if 0 < count < smallest}
    others = {name: count for name, count in counts.items() if count and name not in hidden}
    if len(hidden) == 1 and others:
        hidden.add(min(others, key=lambda name: others[name]))
    cells = {name: None if name in hidden else count for name, count in counts.items()}
    return Row(cells, None if len(hidden) == 1 or 0 < total < smallest else total)
