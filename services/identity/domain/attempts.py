"""How many attempts anybody has."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.identity.domain.errors import TooManyAttempts

#: failures of one account, or from one address, that cost nothing yet: an address may be a whole office
FREE_BY_ACCOUNT: Final = 5
FREE_BY_ADDRESS: Final = 30
#: letters that anybody may ask for to one address
FREE_LETTERS: Final = 3
#: how long each further failure makes the next attempt wait
DELAYS: Final = tuple(timedelta(seconds=s) for s in (10, 30, 60, 120, 300, 900))
#: after so long without a failure all is forgotten
FORGOTTEN_AFTER: Final = timedelta(hours=24)


@dataclass(eq=False)
class Throttle:
    """Counts the attempts on one account or from one address. An attempt counts as failed until it succeeds.

    Counting first and checking the password later leaves no gap for many attempts at the same time.
    """

    key: str  #: keyed hash of the e-mail or the address: neither is kept
    free: int
    failures: int = 0
    last_at: datetime | None = None
    blocked_until: datetime | None = None

    def attempt(self, now: datetime) -> None:
        """Counts one more attempt. Raises TooManyAttempts, and then counts nothing."""
        if self.blocked_until is not None and now < self.blocked_until:
            raise TooManyAttempts(self.blocked_until)
        if self.last_at is not None and now - self.last_at >= FORGOTTEN_AFTER:
            self.failures = 0
        self.failures += 1
        self.last_at = now
        self.blocked_until = now + delay if (delay := delay_after(self.failures, self.free)) else None

    def succeed(self) -> None:
        """The attempt counted last was no failure."""
        self.failures, self.blocked_until = 0, None

    def forgive(self) -> None:
        """Takes one attempt back: from an office's address others may still be guessing."""
        self.failures, self.blocked_until = max(0, self.failures - 1), None


def delay_after(failures: int, free: int) -> timedelta | None:
    """How long the next attempt must wait after so many failures; None while they are free."""
    if failures < free:
        return None
    return DELAYS[min(failures - free, len(DELAYS) - 1)]
