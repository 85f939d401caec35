"""Where accounts and attempts are found, and the unit of work that holds them together."""

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis.store import Store
from chassis.unit import UnitOfWork
from services.identity.domain import Account, AccountNotFound, EmailTaken, Throttle, normalised_email
from services.identity.store.tables import account_log, accounts, throttles

if TYPE_CHECKING:
    from services.identity.wiring import IdentityContext


class Accounts:
    """Accounts by id or e-mail address."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, account: Account) -> None:
        """Raises EmailTaken."""
        if self.find(account.email) is not None:
            raise EmailTaken
        self.session.add(account)
        try:
            self.session.flush()
        except IntegrityError:
            raise EmailTaken from None  # the original names the row's values

    def get(self, id: str, *, lock: bool = False) -> Account:
        """Raises AccountNotFound."""
        account = self.session.get(Account, id, with_for_update=lock or None)
        if account is None:
            raise AccountNotFound(id)
        return account

    def find(self, email: str) -> Account | None:
        return self.session.scalar(sa.select(Account).where(accounts.c.email == normalised_email(email)))


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

    def log(self, by: str, action: str, account_ids: Iterable[str]) -> None:
        """Notes what an administrator did."""
        rows = [
            {"id": self.new_id(), "at": self.now, "by": by, "action": action, "account_id": id} for id in account_ids
        ]
        self.session.execute(sa.insert(account_log), rows)
