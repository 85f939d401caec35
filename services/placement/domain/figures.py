"""Figures that tell nothing about a single person."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

#: counts of people below this are not shown
SMALLEST_SHOWN = 5


@dataclass(frozen=True)
class Row:
    """Counts of people and their sum; None stands for what is not shown."""

    cells: Mapping[str, int | None]
    total: int | None


def suppress(counts: Mapping[str, int], linked: Collection[str] = (), smallest: int = SMALLEST_SHOWN) -> Row:
    """Hides counts from 1 to `smallest - 1`, the total with them, and whatever would give them away.

    The sum of the `linked` counts may be known from elsewhere: a full group has as many people as places. Where it
    would tell what a hidden one of them is, another is hidden too, while there is one.
    """
    hidden = {name for name, count in counts.items() if 0 < count < smallest}
    if _gives_away([counts[name] for name in linked if name in hidden], smallest):
        hidden |= _company({name: counts[name] for name in linked if name not in hidden})
    cells = {name: None if name in hidden else count for name, count in counts.items()}
    return Row(cells, None if hidden else sum(counts.values()))


def _company(others: Mapping[str, int]) -> set[str]:
    """The smallest counts that are left, noughts only where there is nothing else.

    All that are equally small: a choice between them would tell by its place.
    """
    least = min((count for count in others.values() if count), default=0)
    return {name for name, count in others.items() if count == least}


def _gives_away(hidden: Sequence[int], smallest: int) -> bool:
    """Whether the sum of these small counts leaves no choice what each of them is."""
    least, most = len(hidden), len(hidden) * (smallest - 1)
    return len(hidden) == 1 or (least > 0 and sum(hidden) in (least, most))
