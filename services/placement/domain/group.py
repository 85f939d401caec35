"""A group of the host: so many seats, each taken by at most one person."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.placement.domain.errors import GroupFull
from services.placement.domain.states import Seat


class Mode(StrEnum):
    """How a free place is given."""

    AUTOMATIC = "automatic"  # whoever is next has it at once
    OFFER = "offer"  # it is held for whoever is next, who may decline


@dataclass(kw_only=True, eq=False)
class Group:
    """Counts its seats by what takes them, so that nobody has to be counted to know whether one is free.

    Always: offered + placed + occupied <= capacity. Where fewer seats are wanted than are taken, nobody is turned
    out: the capacity follows down to `shrinking_to` as seats become free.
    """

    code: str
    name: str
    region: str
    language: str
    capacity: int
    is_open: bool = True
    mode: Mode = Mode.AUTOMATIC
    offer_days: int = 7
    shrinking_to: int | None = None
    offered: int = 0
    placed: int = 0
    occupied: int = 0
    version: int | None = None

    @property
    def taken(self) -> int:
        return self.offered + self.placed + self.occupied

    @property
    def free(self) -> int:
        """Seats that may be given now: none in a closed group."""
        return self.capacity - self.taken if self.is_open else 0

    @property
    def wanted_capacity(self) -> int:
        return self.capacity if self.shrinking_to is None else self.shrinking_to

    def offer_until(self, now: datetime) -> datetime:
        return now + timedelta(days=self.offer_days)

    def move(self, leaves: Seat | None, takes: Seat | None) -> None:
        """Somebody leaves a seat, takes one, or turns one kind into another. Raises GroupFull."""
        if leaves is None and takes is not None and self.taken >= self.capacity:
            raise GroupFull(self.code)
        if leaves:
            setattr(self, leaves, getattr(self, leaves) - 1)
        if takes:
            setattr(self, takes, getattr(self, takes) + 1)
        self._shrink()

    def resize(self, capacity: int) -> None:
        """More seats are there at once; fewer as soon as enough are free. `capacity` is at least 0."""
        self.shrinking_to = None
        if capacity >= self.taken:
            self.capacity = capacity
        else:
            self.capacity, self.shrinking_to = self.taken, capacity

    def open(self) -> None:
        self.is_open = True

    def close(self) -> None:
        """Gives no more places; those who have one keep it, and an offer that was made stands."""
        self.is_open = False

    def hand_out(self, mode: Mode, offer_days: int) -> None:
        """How places are given from now on; offers that were made keep their time limit."""
        self.mode, self.offer_days = mode, offer_days

    def rename(self, name: str) -> None:
        self.name = name

    def _shrink(self) -> None:
        if self.shrinking_to is None:
            return
        self.capacity = max(self.shrinking_to, self.taken)
        if self.capacity == self.shrinking_to:
            self.shrinking_to = None


def roomiest(groups: list[Group]) -> Group | None:
    """The open group with the most free seats, the first by code among equals; None where there is no free seat."""
    free = [group for group in groups if group.free > 0]
    return min(free, key=lambda group: (-group.free, group.code), default=None)
