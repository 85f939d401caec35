"""The waiting list: who is next, where somebody stands, and why. The order is urgency, time accepted, reference."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple, Protocol

from services.placement.domain.participation import Participation

#: the most urgent first
URGENCIES: Final = ("high", "normal")

#: why somebody waits
GROUP_FULL: Final = "group_full"
GROUP_CLOSED: Final = "group_closed"
NO_GROUP: Final = "no_group"
OFFER_NOT_TAKEN: Final = "offer_not_taken"


class Key(NamedTuple):
    """What orders people of the same urgency. It never changes, so that nobody is overtaken by standing still."""

    accepted_at: datetime
    reference: str


def key_of(participation: Participation) -> Key:
    if participation.accepted_at is None:
        raise ValueError(f"{participation.reference} was never accepted")
    return Key(participation.accepted_at, participation.reference)


def order(participation: Participation) -> tuple[int, Key]:
    """What to sort a whole waiting list by."""
    return URGENCIES.index(str(participation.urgency)), key_of(participation)


def who_is_next(waiting: Iterable[Participation]) -> Participation | None:
    """To whom the next free place goes; None where nobody is ready for one."""
    return min((each for each in waiting if each.is_ready), key=order, default=None)


@dataclass(kw_only=True, eq=False)
class Lane:
    """Those of one urgency in the waiting list of a region and language: how many are ready for a place.

    `last_at` and `last_reference` are the furthest back that anybody ever joined: who joins behind them needs not be
    compared with anybody.
    """

    region: str
    language: str
    urgency: str
    ready: int = 0
    last_at: datetime | None = None
    last_reference: str | None = None
    version: int | None = None

    def is_last(self, key: Key) -> bool:
        """Whether nobody of this lane can stand behind `key`."""
        if self.ready == 0 or self.last_at is None:
            return True
        return key >= (self.last_at, self.last_reference)

    def note(self, key: Key) -> None:
        if self.last_at is None or key > (self.last_at, self.last_reference):
            self.last_at, self.last_reference = key


class Queue(Protocol):
    """Where those who wait are kept in order."""

    def first(self, lane: Lane) -> Participation:
        """The first of a lane that is not empty."""

    def behind(self, lane: Lane, key: Key) -> int:
        """How many that are ready stand behind `key` in this lane."""

    def add(self, participation: Participation) -> None:
        """Somebody has joined."""


def position(ahead_in_other_lanes: int, others_in_lane: int, behind: int) -> int:
    """From 1: all of the more urgent lanes are ahead, and those of the own lane that do not stand behind."""
    return ahead_in_other_lanes + others_in_lane - behind + 1


@dataclass(frozen=True)
class Standing:
    """Where somebody stands and why. `urgent_ahead` and `earlier_ahead` say who comes before."""

    position: int | None  #: None for who is passed over until ready again
    urgent: bool
    urgent_ahead: int
    earlier_ahead: int


def explain(urgency: str, place: int, urgent_ready: int) -> Standing:
    """The standing of the one at `place` (from 1) in the whole order, where `urgent_ready` urgent people wait."""
    if urgency == URGENCIES[0]:
        return Standing(place, True, 0, place - 1)
    return Standing(place, False, urgent_ready, place - 1 - urgent_ready)


PASSED_OVER: Final = Standing(None, False, 0, 0)
