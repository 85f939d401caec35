"""Tables of the identity service, and where accounts and attempts are found."""

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, registry

from chassis.store import Store, UTCDateTime, service_metadata
from chassis.unit import UnitOfWork
from services.identity.domain import Account, AccountNotFound, EmailTaken, Throttle, normalised_email

if TYPE_CHECKING:
    from services.identity.wiring import IdentityContext

MIGRATIONS = Path(__file__).parent / "migrations"

metadata = service_metadata()
mapping = registry(metadata=metadata)

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("email", sa.String(254), nullable=False, unique=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("areas", sa.JSON, nullable=False),
    sa.Column("partner", sa.String(50)),
    sa.Column("region", sa.String(30)),
    sa.Column("language", sa.String(2), nullable=False),
    sa.Column("password_hash", sa.String(200), nullable=False),
    sa.Column("password_initial", sa.Boolean, nullable=False),
    sa.Column("password_changed_at", UTCDateTime),
    sa.Column("disabled_at", UTCDateTime),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.Column("last_signed_in_at", UTCDateTime),
    sa.Column("demonstration", sa.Boolean, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)

throttles = sa.Table(
    "sign_in_throttles",
    metadata,
    sa.Column("key", sa.String(80), primary_key=True),
    sa.Column("free", sa.Integer, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last_at", UTCDateTime),
    sa.Column("blocked_until", UTCDateTime),
)

#: what administrators did to accounts: who, when, what, on which
account_log = sa.Table(
    "account_log",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("at", UTCDateTime, nullable=False),
    sa.Column("by", sa.String(36), nullable=False),
    sa.Column("action", sa.String(30), nullable=False),
    sa.Column("account_id", sa.String(36), nullable=False),
    sa.Index("ix_account_log_account_id_at", "account_id", "at"),
)

mapping.map_imperatively(Account, accounts, version_id_col=accounts.c.version)
mapping.map_imperatively(Throttle, throttles)


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
