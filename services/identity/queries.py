"""What pages show of accounts."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.identity.store import account_log, accounts


@dataclass(frozen=True)
class AccountLine:
    """One line of the list of accounts."""

    id: str
    email: str
    name: str
    role: str
    areas: tuple[str, ...]
    rights: tuple[str, ...]
    partner: str | None
    disabled_at: datetime | None
    last_signed_in_at: datetime | None


_LINE = (
    accounts.c.id,
    accounts.c.email,
    accounts.c.name,
    accounts.c.role,
    accounts.c.areas,
    accounts.c.rights,
    accounts.c.partner,
    accounts.c.disabled_at,
    accounts.c.last_signed_in_at,
)


def list_accounts(session: Session) -> list[AccountLine]:
    """All accounts by name, those that were disabled last."""
    query = sa.select(*_LINE).order_by(accounts.c.disabled_at.is_not(None), sa.func.lower(accounts.c.name))
    return [_line(row) for row in session.execute(query)]


def demo_accounts(session: Session) -> list[AccountLine]:
    """The demonstration accounts that can be used; none on a system that is no demonstration."""
    usable = accounts.c.demonstration.is_(True) & accounts.c.disabled_at.is_(None)
    return [_line(row) for row in session.execute(sa.select(*_LINE).where(usable).order_by(accounts.c.id))]


@dataclass(frozen=True)
class Deed:
    """What an administrator did to an account, and who it was (None: nobody with an account)."""

    at: datetime
    action: str
    by: str | None


def deeds(session: Session, account_id: str) -> list[Deed]:
    """What was done to an account, the newest first."""
    joined = account_log.outerjoin(accounts, accounts.c.id == account_log.c.by)
    query = sa.select(account_log.c.at, account_log.c.action, accounts.c.name).select_from(joined)
    query = query.where(account_log.c.account_id == account_id).order_by(account_log.c.at.desc())
    return [Deed(*row) for row in session.execute(query)]


def ended_sessions(session: Session, since: datetime) -> dict[str, datetime]:
    """Account -> the time before which its sessions began that are over; of those that ended after `since`."""
    query = sa.select(accounts.c.id, accounts.c.sessions_from).where(accounts.c.sessions_from >= since)
    return {row.id: row.sessions_from for row in session.execute(query)}


def _line(row: sa.Row) -> AccountLine:
    return AccountLine(**row._asdict() | {"areas": tuple(row.areas), "rights": tuple(row.rights)})
