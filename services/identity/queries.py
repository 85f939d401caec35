"""What pages show of accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chassis.audit.tables import audit
from chassis.sessions import ended
from services.identity.domain import OutgoingLetter, Standing, standing_of
from services.identity.store import accounts, letters, second_factors


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
    password_initial: bool
    accepted_at: datetime | None
    disabled_at: datetime | None
    last_signed_in_at: datetime | None

    @property
    def standing(self) -> Standing:
        return standing_of(self.disabled_at, self.accepted_at, self.password_initial)


_LINE = (
    accounts.c.id,
    accounts.c.email,
    accounts.c.name,
    accounts.c.role,
    accounts.c.areas,
    accounts.c.rights,
    accounts.c.partner,
    accounts.c.password_initial,
    accounts.c.accepted_at,
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
    """What was done to an account or with it, and who it was (None: nobody else, or nobody with an account)."""

    at: datetime
    action: str
    outcome: str
    by: str | None


#: how many deeds a page shows
DEEDS = 50


def deeds(session: Session, account_id: str) -> list[Deed]:
    """What was done to an account, the newest first."""
    others = audit.outerjoin(accounts, (accounts.c.id == audit.c.account) & (audit.c.account != account_id))
    query = sa.select(audit.c.at, audit.c.action, audit.c.outcome, accounts.c.name).select_from(others)
    query = query.where(audit.c.reference == account_id).order_by(audit.c.at.desc(), audit.c.id.desc())
    return [Deed(*row) for row in session.execute(query.limit(DEEDS))]


def last_letter(session: Session, account_id: str) -> OutgoingLetter | None:
    """What became of the letter that was written to the account's owner last."""
    query = sa.select(OutgoingLetter).where(letters.c.account_id == account_id)
    return session.scalar(query.order_by(letters.c.id.desc()).limit(1))


def has_second_factor(session: Session, account_id: str) -> bool:
    on = (second_factors.c.account_id == account_id) & second_factors.c.confirmed_at.is_not(None)
    return session.scalar(sa.select(second_factors.c.account_id).where(on)) is not None


def is_letter_due(session: Session, now: datetime) -> bool:
    return session.scalar(sa.select(letters.c.id).where(letters.c.next_attempt_at <= now).limit(1)) is not None


def names(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """Who the accounts belong to."""
    found = session.execute(sa.select(accounts.c.id, accounts.c.name).where(accounts.c.id.in_(ids)))
    return {row.id: row.name for row in found}


def ended_sessions(session: Session, since: datetime) -> dict[str, datetime]:
    """What is over, as `chassis.sessions.ended` has it elsewhere; of accounts, those that ended after `since`."""
    query = sa.select(accounts.c.id, accounts.c.sessions_from).where(accounts.c.sessions_from >= since)
    return ended(session) | {row.id: row.sessions_from for row in session.execute(query)}


def _line(row: sa.Row) -> AccountLine:
    return AccountLine(**row._asdict() | {"areas": tuple(row.areas), "rights": tuple(row.rights)})
