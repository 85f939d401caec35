"""What a seed's story is made of: steps, each of a kind, drawn by weight."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tests.simulation.hand import Hand

#: what a step does to the world; returns what there is to tell, None where there was nothing to do
Deed = Callable[[Any, Hand], str | None]


class Sort(StrEnum):
    PEOPLE = "people"  # somebody does something on a page
    FAULT = "fault"  # something goes wrong; a seed may do without this kind
    TIME = "time"  # time passes
    WORK = "work"  # the services go on with what they have to do
    FIRST = "first"  # how a story begins


@dataclass(frozen=True)
class Kind:
    name: str
    deed: Deed
    sort: Sort
    weight: int


KINDS: dict[str, Kind] = {}


def step(sort: Sort, weight: int = 1) -> Callable[[Deed], Deed]:
    """Declares a function as a kind of step, by its name."""

    def declare(deed: Deed) -> Deed:
        name = deed.__name__  # type: ignore[attr-defined]
        KINDS[name] = Kind(name, deed, sort, weight)
        return deed

    return declare


def of_sort(sort: Sort) -> list[Kind]:
    return [kind for _, kind in sorted(KINDS.items()) if kind.sort is sort]


@dataclass(frozen=True)
class Step:
    number: int
    kind: str


SHORTEST, LONGEST = 25, 70  #: steps of a seed
SHARE_OF_FAULTS = 0.35  #: of all kinds, those that a seed knows
_SORTS = {Sort.WORK: 33, Sort.PEOPLE: 38, Sort.FAULT: 22, Sort.TIME: 7}


def plan(seed: int) -> list[Step]:
    """The steps of a seed. Each has some kinds of faults only: what always happens hides what seldom does."""
    hand = Hand()
    hand.deal(seed, "plan")
    known = [kind for kind in of_sort(Sort.FAULT) if hand.chance(SHARE_OF_FAULTS)]
    count = hand.randint(SHORTEST, LONGEST)
    kinds = ["open_the_house"] + [_draw(hand, known, number < count / 4) for number in range(count)]
    return [Step(number, kind) for number, kind in enumerate(kinds)]


def _draw(hand: Hand, faults: list[Kind], early: bool) -> str:
    sort = hand.choices(list(_SORTS), list(_SORTS.values()))[0]
    if early and sort is Sort.PEOPLE and hand.chance(0.7):
        return "submit"
    kinds = (faults or of_sort(Sort.WORK)) if sort is Sort.FAULT else of_sort(sort)
    return hand.choices(kinds, [kind.weight for kind in kinds])[0].name


def take(kind: Kind, world: Any, hand: Hand) -> str:
    """Does a step; where people find nothing to do in it, they do something else. Returns what there is to tell."""
    kinds = [kind]
    if kind.sort is Sort.PEOPLE:
        kinds += sorted(of_sort(Sort.PEOPLE), key=lambda other: hand.random() ** (1 / other.weight), reverse=True)
    for each in kinds:
        said = each.deed(world, hand)
        if said:
            return f"{each.name}: {said}"
    return f"{kind.name}: nothing to do"
