"""The small values that a referral is made of."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

#: days are counted where the people live
LOCAL: Final = ZoneInfo("Europe/Zurich")


def local_day(moment: datetime) -> date:
    """The day that `moment` (aware) falls on in Switzerland."""
    return moment.astimezone(LOCAL).date()


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who it is about, without saying so: hash of the AVS number, the number sealed, the pseudonym outside."""

    hash: str
    avs_sealed: str
    pseudonym: str


@dataclass(frozen=True, kw_only=True)
class Placement:
    """What placement last said. `reason` is a code; `position` the one of the moment of entering the list."""

    group: str | None = None
    group_name: str | None = None
    position: int | None = None
    reason: str | None = None
    until: datetime | None = None
    starts_on: date | None = None
    paused_on: date | None = None
    ended_on: date | None = None
    planned: bool | None = None
