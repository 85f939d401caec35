"""Medical costs of a participant, told quarter by quarter."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

#: so many ended quarters may be reported: those before the first day are what the later ones are compared with
REPORTABLE: Final = 12
#: whole francs in a quarter; more is a slip of the keys
MOST_CHF: Final = 500_000
_QUARTER: Final = re.compile(r"(20\d\d)-Q([1-4])", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class ReportCosts:
    """The command that tells a quarter's costs; `replaces` says that an earlier figure is to be corrected."""

    period: str  #: 2026-Q4
    chf: int  #: whole francs
    replaces: bool = False


def reportable_quarters(today: date) -> tuple[str, ...]:
    """The quarters that have ended, the newest first."""
    current = today.year * 4 + (today.month - 1) // 3
    return tuple(f"{number // 4}-Q{number % 4 + 1}" for number in range(current - 1, current - 1 - REPORTABLE, -1))


def quarter_parts(period: str) -> tuple[int, int]:
    """Year and number of a quarter: 2026-Q4 is (2026, 4)."""
    found = _QUARTER.fullmatch(period)
    if found is None:
        raise ValueError(f"no quarter: {period}")
    return int(found[1]), int(found[2])
