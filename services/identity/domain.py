"""Accounts and the right to use them, and how many attempts to sign in anybody has."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

MIN_PASSWORD = 12
MAX_PASSWORD = 128  # hashing takes memory and time: nobody may send a book
_MIN_DISTINCT = 5


class AccountNotFound(LookupError):
    """There is no such account."""


class EmailTaken(ValueError):
    """Another account has this e-mail address."""


class NotOneself(ValueError):
    """Administrators can't shut themselves out."""


class SignInRefused(ValueError):
    """E-mail and password don't open an account; which of the two is wrong is not told."""


class PasswordRefused(ValueError):
    """The password is not good enough; `reason` is one of REASONS."""

    REASONS: Final = ("too_short", "too_long", "too_simple", "like_name")

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooManyAttempts(ValueError):
    """Signing in has to wait until `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until


@dataclass(eq=False)
class Account:
    """Somebody who may sign in.

    States: initial (password given by an administrator, to be changed) -> open <-> disabled.
    """

    id: str
    email: str
    name: str
    role: str
    language: str
    password_hash: str
    created_at: datetime
    areas: list[str] = field(default_factory=list)
    partner: str | None = None
    region: str | None = None
    password_initial: bool = True
    password_changed_at: datetime | None = None
    disabled_at: datetime | None = None
    last_signed_in_at: datetime | None = None
    demonstration: bool = False
    version: int | None = None

    @property
    def is_disabled(self) -> bool:
        return self.disabled_at is not None

    def disable(self, by: str, now: datetime) -> None:
        """Nobody signs in with it any more. Raises NotOneself."""
        if by == self.id:
            raise NotOneself(self.id)
        self.disabled_at = self.disabled_at or now

    def enable(self) -> None:
        self.disabled_at = None

    def reset_password(self, hashed: str, now: datetime) -> None:
        """A new password, from an administrator: the person must choose another at the next sign-in."""
        self._set_password(hashed, now)
        self.password_initial = True

    def change_password(self, hashed: str, now: datetime) -> None:
        """A new password, of the person's own choice."""
        self._set_password(hashed, now)
        self.password_initial = False

    def note_sign_in(self, now: datetime) -> None:
        self.last_signed_in_at = now

    def allows_session_since(self, began: datetime) -> bool:
        """Whether a session that began then still counts: neither a disabled account nor a changed password lets it."""
        changed = self.password_changed_at
        return not self.is_disabled and (changed is None or began >= changed - _ONE_SECOND)

    def _set_password(self, hashed: str, now: datetime) -> None:
        self.password_hash = hashed
        self.password_changed_at = now


#: a session notes its beginning in whole moments of the same request that changed the password
_ONE_SECOND = timedelta(seconds=1)


def normalised_email(email: str) -> str:
    """The address as accounts are found by it: without spaces around, in small letters."""
    return email.strip().casefold()


def check_password(password: str, email: str, name: str) -> None:
    """Raises PasswordRefused for one that is too easy to guess."""
    if len(password) < MIN_PASSWORD:
        raise PasswordRefused("too_short")
    if len(password) > MAX_PASSWORD:
        raise PasswordRefused("too_long")
    if len(set(password.casefold())) < _MIN_DISTINCT:
        raise PasswordRefused("too_simple")
    own = [*name.casefold().split(), normalised_email(email).split("@")[0]]
    if any(len(part) > 3 and part in password.casefold() for part in own):
        raise PasswordRefused("like_name")


#: failures of one account, or from one address, that cost nothing yet: an address may be a whole office
FREE_BY_ACCOUNT: Final = 5
FREE_BY_ADDRESS: Final = 30
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
