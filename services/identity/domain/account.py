"""Accounts: who may sign in, and as what."""

from dataclasses import dataclass, field
from datetime import datetime

from contracts.event import Event
from contracts.identity import SessionsEnded
from services.identity.domain.errors import NotOneself


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
    rights: list[str] = field(default_factory=list)
    password_initial: bool = True
    password_changed_at: datetime | None = None
    disabled_at: datetime | None = None
    last_signed_in_at: datetime | None = None
    demonstration: bool = False
    sessions_from: datetime | None = None  #: sessions that began before do not count any more
    version: int | None = None

    @property
    def is_disabled(self) -> bool:
        return self.disabled_at is not None

    def disable(self, by: str, now: datetime) -> list[Event]:
        """Nobody signs in with it any more. Raises NotOneself."""
        if by == self.id:
            raise NotOneself(self.id)
        self.disabled_at = self.disabled_at or now
        return self.end_sessions(now)

    def enable(self) -> None:
        self.disabled_at = None

    def reset_password(self, hashed: str, now: datetime) -> list[Event]:
        """A new password, from an administrator: the person must choose another at the next sign-in."""
        self.password_initial = True
        return self._set_password(hashed, now)

    def change_password(self, hashed: str, now: datetime) -> list[Event]:
        """A new password, of the person's own choice."""
        self.password_initial = False
        return self._set_password(hashed, now)

    def end_sessions(self, now: datetime) -> list[Event]:
        """Whoever is signed in with it has to sign in again, everywhere."""
        self.sessions_from = now
        return [SessionsEnded(reference=self.id, before=now)]

    def note_sign_in(self, now: datetime) -> None:
        self.last_signed_in_at = now

    def allows_session_since(self, began: datetime) -> bool:
        """Whether a session that began then still counts."""
        return not self.is_disabled and (self.sessions_from is None or began >= self.sessions_from)

    def _set_password(self, hashed: str, now: datetime) -> list[Event]:
        self.password_hash = hashed
        self.password_changed_at = now
        return self.end_sessions(now)


def normalised_email(email: str) -> str:
    """The address as accounts are found by it: without spaces around, in small letters."""
    return email.strip().casefold()
