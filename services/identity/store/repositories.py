"""Where accounts and attempts are found, and the unit of work that holds them together."""

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis import audit
from chassis.store import Store
from chassis.unit import UnitOfWork
from services.identity.domain import (
    Account,
    AccountNotFound,
    Binding,
    EmailTaken,
    Kind,
    Link,
    LinkSpent,
    OutgoingLetter,
    SecondFactor,
    Throttle,
    normalised_email,
)
from services.identity.store.tables import accounts, bindings, letters, links, second_factors, throttles

if TYPE_CHECKING:
    from services.identity.wiring import IdentityContext


#: in the audit: whoever tried the address of nobody, and whoever acts on their own account, signed in or not
UNKNOWN, SELF = "unknown", "self"


class Accounts:
    """Accounts by id or e-mail address."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, account: Account) -> None:
        """Raises EmailTaken."""
        if self.find(account.email) is not None:
            raise EmailTaken
        self.session.add(account)
        self.flush()

    def get(self, id: str, *, lock: bool = False) -> Account:
        """Raises AccountNotFound."""
        account = self.session.get(Account, id, with_for_update=lock or None)
        if account is None:
            raise AccountNotFound(id)
        return account

    def find(self, email: str) -> Account | None:
        return self.session.scalar(sa.select(Account).where(accounts.c.email == normalised_email(email)))

    def who_may_sign_in_as(self, role: str) -> list[Account]:
        """The open accounts of a role, locked in one order so that two who ask never wait for each other."""
        is_open = accounts.c.disabled_at.is_(None) & accounts.c.accepted_at.is_not(None)
        query = sa.select(Account).where(accounts.c.role == role, is_open).order_by(accounts.c.id)
        return list(self.session.scalars(query.with_for_update()))

    def flush(self) -> None:
        """Writes what has changed. Raises EmailTaken."""
        try:
            self.session.flush()
        except IntegrityError:
            raise EmailTaken from None  # the original names the row's values

    def remove(self, account: Account) -> None:
        self.session.delete(account)


class Links:
    """Links that still work, by the keyed hash of what they hold."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, link: Link) -> None:
        self.session.add(link)

    def get(self, key: str, now: datetime, *, lock: bool = False) -> Link:
        """Raises LinkSpent."""
        link = self.session.get(Link, key, with_for_update=lock or None)
        if link is None:
            raise LinkSpent
        link.must_work(now)
        return link

    def void(self, account_id: str) -> None:
        """No link of the account works any more."""
        self.session.execute(sa.delete(links).where(links.c.account_id == account_id))

    def forget(self, now: datetime) -> None:
        """Drops those whose time is over."""
        self.session.execute(sa.delete(links).where(links.c.expires_at <= now))


class SecondFactors:
    """Second factors, by the account whose they are."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, factor: SecondFactor) -> None:
        self.session.add(factor)

    def find(self, account_id: str, *, lock: bool = False) -> SecondFactor | None:
        """To be locked where a code is taken: it counts once, however often it is sent at once."""
        return self.session.get(SecondFactor, account_id, with_for_update=lock or None)

    def remove(self, account_id: str) -> None:
        self.session.execute(sa.delete(second_factors).where(second_factors.c.account_id == account_id))


class Bindings:
    """Accounts that are opened through a provider, by its name for their owners."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, binding: Binding) -> None:
        self.session.add(binding)

    def find(self, issuer: str, subject: str) -> Binding | None:
        return self.session.get(Binding, (issuer, subject))

    def is_bound(self, issuer: str, account_id: str) -> bool:
        bound = (bindings.c.issuer == issuer) & (bindings.c.account_id == account_id)
        return self.session.scalar(sa.select(bindings.c.subject).where(bound)) is not None


class Letters:
    """Letters on their way out."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, letter: OutgoingLetter) -> None:
        self.session.add(letter)

    def due(self, now: datetime, limit: int) -> list[OutgoingLetter]:
        """Those to be sent by `now`, oldest first, locked; those that another worker holds are left to it."""
        query = sa.select(OutgoingLetter).where(letters.c.next_attempt_at <= now).order_by(letters.c.next_attempt_at)
        return list(self.session.scalars(query.limit(limit).with_for_update(skip_locked=True)))

    def by_ids(self, ids: Iterable[str]) -> list[OutgoingLetter]:
        query = sa.select(OutgoingLetter).where(letters.c.id.in_(list(ids))).order_by(letters.c.id)
        return list(self.session.scalars(query.with_for_update()))

    def remove(self, letter: OutgoingLetter) -> None:
        self.session.delete(letter)

    def drop(self, account_id: str) -> None:
        """Nothing more is sent to the account's owner."""
        self.session.execute(sa.delete(letters).where(letters.c.account_id == account_id))

    def forget(self, before: datetime) -> None:
        """Drops what was settled, written before that time."""
        settled = letters.c.next_attempt_at.is_(None) & (letters.c.created_at < before)
        self.session.execute(sa.delete(letters).where(settled))


class Throttles:
    """How often somebody tried, by keyed hash."""

    def __init__(self, store: Store, session: Session) -> None:
        self.store = store
        self.session = session

    def take(self, free_by_key: dict[str, int]) -> list[Throttle]:
        """The counters of these keys, made where missing, locked in one order so that two takers never wait."""
        fresh = [{"key": key, "free": free, "failures": 0} for key, free in sorted(free_by_key.items())]
        self.session.execute(self.store.insert(throttles).on_conflict_do_nothing(), fresh)
        query = sa.select(Throttle).where(throttles.c.key.in_(free_by_key)).order_by(throttles.c.key)
        return list(self.session.scalars(query.with_for_update()))

    def forget(self, before: datetime) -> int:
        """Drops the counters last used before that time; returns how many."""
        gone = self.session.execute(sa.delete(throttles).where(throttles.c.last_at < before))
        return cast(sa.CursorResult[Any], gone).rowcount


class Unit(UnitOfWork):
    """The identity service's unit of work."""

    context: "IdentityContext"

    @cached_property
    def accounts(self) -> Accounts:
        return Accounts(self.session)

    @cached_property
    def throttles(self) -> Throttles:
        return Throttles(self.context.store, self.session)

    @cached_property
    def links(self) -> Links:
        return Links(self.session)

    @cached_property
    def second_factors(self) -> SecondFactors:
        return SecondFactors(self.session)

    @cached_property
    def bindings(self) -> Bindings:
        return Bindings(self.session)

    @cached_property
    def letters(self) -> Letters:
        return Letters(self.session)

    def write_letter(self, kind: Kind, account_id: str | None) -> None:
        """It is sent after the commit, and tried again until it is taken."""
        self.letters.add(OutgoingLetter.new(self.new_id(), kind, account_id, self.now))

    def note(self, action: str, account: Account | None, by: str | None = None, *, refused: bool = False) -> None:
        """Enters in the audit what was done to or with an account (None: one that nobody has), by its owner or `by`."""
        who = self._actor(by) if by else audit.Actor(account=account.id if account else UNKNOWN, role=SELF)
        about = [account.id if account else UNKNOWN]
        deed = audit.Deed(kind="account", action=action, who=lambda: who, references=about)
        audit.note(self.context, self.session, deed, action, audit.REFUSED if refused else audit.ALLOWED, self.now)

    def _actor(self, id: str) -> audit.Actor:
        account = self.session.get(Account, id)
        role, organisation = (account.role, account.partner) if account else ("system", None)
        return audit.Actor(account=id, role=role, organisation=organisation)
