"""Letters to the owners of accounts, on their way out of the house."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    INVITATION = "invitation"  #: with a link
    RESET = "reset"  #: with a link, if the address is somebody's
    SECOND_FACTOR_OFF = "second_factor_off"  #: likewise
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  #: so that nobody's password is changed unnoticed


#: how long to wait after each attempt that failed; after the last one the letter is given up
RETRY_AFTER: Final = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720))
#: a letter claimed for longer than this was lost with its worker, and is sent again
LEASE: Final = timedelta(minutes=2)


@dataclass(eq=False)
class OutgoingLetter:
    """Written in the same commit as what it is about; what it says is put together when it is sent.

    waiting (next_attempt_at) -> sent (sent_at) or given up (cause, and no next attempt).
    """

    id: str
    kind: str
    account_id: str | None  #: None: to an address that nobody here has; never sent
    created_at: datetime
    next_attempt_at: datetime | None
    attempts: int = 0
    sent_at: datetime | None = None
    cause: str | None = None

    @staticmethod
    def new(id: str, kind: Kind, account_id: str | None, now: datetime) -> "OutgoingLetter":
        return OutgoingLetter(id, kind, account_id, now, next_attempt_at=now)

    @property
    def is_given_up(self) -> bool:
        return self.sent_at is None and self.next_attempt_at is None

    def claim(self, now: datetime) -> None:
        self.attempts += 1
        self.next_attempt_at = now + LEASE

    def sent(self, now: datetime) -> None:
        self.sent_at, self.next_attempt_at, self.cause = now, None, None

    def refused(self, cause: str, permanent: bool, now: datetime) -> None:
        self.cause = cause
        over = permanent or self.attempts > len(RETRY_AFTER)
        self.next_attempt_at = None if over else now + RETRY_AFTER[self.attempts - 1]
