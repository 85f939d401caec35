"""The waves: on which days a participant is asked, and what becomes of each.

T0 before the first day, then 3, 6 and 12 months after it, then every year, and one at the exit.
The intervals are the evaluation plan's (programme facts, "The way of a referral", 5).
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import count

from services.evaluation.domain.errors import WaveNotOpen, WaveTooEarly

T0 = "t0"
EXIT = "exit"
#: months after the first day of the waves of the first year; afterwards one a year: y2, y3 …
FIRST_YEAR = {"m3": 3, "m6": 6, "m12": 12}
#: an appointment may be kept this long before the wave's day (our choice)
EARLIEST = timedelta(days=14)


class WaveState(StrEnum):
    PLANNED = "planned"  #: its day is still to come
    DUE = "due"  #: its day has come and the participant is to be asked
    COMPLETED = "completed"  #: asked and answered; nothing changes it any more
    STOPPED = "stopped"  #: no longer asked


OPEN_WAVES = (WaveState.PLANNED, WaveState.DUE)


def add_months(day: date, months: int) -> date:
    """The same day of the month `months` later; the month's last where it is shorter (31 Jan + 1 = 28 Feb)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def months_until(code: str) -> int | None:
    """Months from the first day to the wave `code`; None for the waves that are not counted from it."""
    if code in FIRST_YEAR:
        return FIRST_YEAR[code]
    return 12 * int(code[1:]) if code.startswith("y") else None


def periodic_codes() -> Iterator[str]:
    """m3, m6, m12, y2, y3 … without end."""
    yield from FIRST_YEAR
    yield from (f"y{years}" for years in count(2))


def periodic_plan(first_day: date, today: date) -> list[tuple[str, date]]:
    """Code and day of the first year's waves, and of the yearly ones up to the next that is still to come."""
    plan: list[tuple[str, date]] = []
    for code in periodic_codes():
        if code not in FIRST_YEAR and plan[-1][1] > today:
            return plan
        plan.append((code, add_months(first_day, months_until(code) or 0)))
    raise AssertionError("periodic codes never end")


@dataclass(eq=False)
class Wave:
    code: str  #: t0, m3, m6, m12, y2 …, exit
    due_on: date
    state: WaveState = WaveState.PLANNED
    announced: bool = False  #: the others know that it is due: they are told once, even if its day moves
    completed_on: date | None = None

    @property
    def open(self) -> bool:
        return self.state in OPEN_WAVES

    def may_be_completed(self, on: date) -> bool:
        return self.open and on >= self.due_on - EARLIEST

    def reschedule(self, due_on: date) -> None:
        if self.open and due_on != self.due_on:
            self.due_on, self.state = due_on, WaveState.PLANNED

    def stop(self) -> None:
        if self.open:
            self.state = WaveState.STOPPED

    def complete(self, on: date) -> None:
        if not self.open:
            raise WaveNotOpen(self.code)
        if not self.may_be_completed(on):
            raise WaveTooEarly(self.code)
        self.state, self.completed_on = WaveState.COMPLETED, on

    def come_due(self, today: date) -> bool:
        """Whether the others are to be told now that it is due."""
        if self.state is not WaveState.PLANNED or self.due_on > today:
            return False
        told, self.announced, self.state = self.announced, True, WaveState.DUE
        return not told
