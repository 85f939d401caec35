"""Accounts: who may sign in, and as what."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from contracts.event import Event
from contracts.identity import SessionsEnded
from services.identity.domain.errors import NotInvited, NotOneself


class Standing(StrEnum):
    INVITED = "invited"  #: its owner has not chosen a password yet
    INITIAL = "initial"  #: has a password that somebody else knows, to be changed at the first sign-in
    OPEN = "open"  #: its owner may sign in
    DISABLED = "disabled"  #: nobody signs in with it


@dataclass(frozen=True, kw_only=True)
class Details:
    """What administrators say of an account: whose it is, and what they may do."""

    email: str
    name: str
    role: str
    language: str
    areas: Sequence[str] = ()
    partner: str | None = None
    region: str | None = None
    rights: Sequence[str] = ()


@dataclass(eq=False)
class Account:
    """Somebody who may sign in; see Standing for its states."""

    id: str
    email: str
    name: str
    role: str
    language: str
    created_at: datetime
    password_hash: str | None = None
    areas: list[str] = field(default_factory=list)
    partner: str | None = None
    region: str | None = None
    rights: list[str] = field(default_factory=list)
    password_initial: bool = False
    password_changed_at: datetime | None = None
    accepted_at: datetime | None = None  #: when its owner first proved to be there
    disabled_at: datetime | None = None
    last_signed_in_at: datetime | None = None
    demonstration: bool = False
    sessions_from: datetime | None = None  #: sessions that began before do not count any more
    version: int | None = None

    @staticmethod
    def of(id: str, details: Details, now: datetime) -> "Account":
        """A new account, which nobody can sign in with yet."""
        account = Account(id=id, email="", name="", role=details.role, language=details.language, created_at=now)
        account._take_over(details)
        return account

    @property
    def standing(self) -> Standing:
        return standing_of(self.disabled_at, self.accepted_at, self.password_initial)

    @property
    def is_disabled(self) -> bool:
        return self.disabled_at is not None

    def change(self, details: Details, now: datetime) -> list[Event]:
        """Whoever may do something else from now on has to sign in again."""
        before = self._powers()
        self._take_over(details)
        return self.end_sessions(now) if self._powers() != before else []

    def disable(self, by: str, now: datetime) -> list[Event]:
        """Nobody signs in with it any more. Raises NotOneself."""
        if by == self.id:
            raise NotOneself(self.id)
        self.disabled_at = self.disabled_at or now
        return self.end_sessions(now)

    def enable(self) -> None:
        self.disabled_at = None

    def give_initial_password(self, hashed: str) -> None:
        """A password that somebody else has made: the owner must choose another at the first sign-in."""
        self.password_hash, self.password_initial = hashed, True

    def choose_password(self, hashed: str, now: datetime) -> list[Event]:
        """A password of the owner's own choice; ends whatever sessions there are."""
        self.password_hash, self.password_initial, self.password_changed_at = hashed, False, now
        self.accepted_at = self.accepted_at or now
        self.demonstration = False  # the sign-in page would show a password that no longer is the right one
        return self.end_sessions(now)

    def accept(self, now: datetime) -> None:
        """Its owner has proved to be there without choosing a password."""
        self.accepted_at = self.accepted_at or now
        self.password_initial = False

    def end_sessions(self, now: datetime) -> list[Event]:
        """Whoever is signed in with it has to sign in again, everywhere."""
        self.sessions_from = now
        return [SessionsEnded(reference=self.id, before=now)]

    def end_session(self, session_id: str, now: datetime) -> list[Event]:
        """Its owner signs out of this one: whoever has a copy of its cookie is out as well."""
        return [SessionsEnded(reference=self.id, before=now, session=session_id)]

    def note_sign_in(self, now: datetime) -> None:
        self.last_signed_in_at = now

    def allows_session_since(self, began: datetime) -> bool:
        """Whether a session that began then still counts."""
        return not self.is_disabled and (self.sessions_from is None or began >= self.sessions_from)

    def must_be_invited(self) -> None:
        """Raises NotInvited."""
        if self.standing is not Standing.INVITED:
            raise NotInvited(self.id)

    def _powers(self) -> tuple[object, ...]:
        return self.role, tuple(self.areas), self.partner, self.region, tuple(self.rights)

    def _take_over(self, details: Details) -> None:
        self.email, self.name, self.language = normalised_email(details.email), details.name, details.language
        self.role, self.areas, self.rights = details.role, list(details.areas), list(details.rights)
        self.partner, self.region = details.partner, details.region


def standing_of(disabled_at: datetime | None, accepted_at: datetime | None, password_initial: bool) -> Standing:
    if disabled_at is not None:
        return Standing.DISABLED
    if accepted_at is not None:
        return Standing.OPEN
    return Standing.INITIAL if password_initial else Standing.INVITED


def normalised_email(email: str) -> str:
    """The address as accounts are found by it: without spaces around, in small letters."""
    return email.strip().casefold()
