"""Accounts: who may sign in, and as what."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

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
