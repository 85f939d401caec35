"""What will be erased and when, and what one erasure would take with it; without names."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.referral.domain import ReferralNotFound, State
from services.referral.queries.lists import Row, row_of, shown_columns
from services.referral.store import tables, within

PAGE = 50
MOST = 5  #: of what will be erased, so much stands among what needs attention


@dataclass(frozen=True)
class ToErase:
    """One referral of a person who is to be erased."""

    reference: str
    cms_area: str
    state: State
    submitted_at: datetime


def announced(session: Session, areas: Collection[str], page: int) -> Sequence[Any]:
    """One page (from 1) of what has been announced, the soonest first, and the first line of the next."""
    erasures, referrals = tables.erasures, tables.referrals
    query = sa.select(erasures.c.reference, erasures.c.cms_area, erasures.c.on, referrals.c.state)
    query = query.join(referrals, referrals.c.reference == erasures.c.reference).where(*within(areas))
    ordered = query.order_by(erasures.c.on, erasures.c.reference)
    return session.execute(ordered.limit(PAGE + 1).offset((page - 1) * PAGE)).all()


def soon_erased(session: Session, areas: Collection[str]) -> list[tuple[Row, date]]:
    """The referrals that will be erased first, and when."""
    erasures, referrals = tables.erasures, tables.referrals
    query = sa.select(*shown_columns(), erasures.c.on).join(erasures, erasures.c.reference == referrals.c.reference)
    soonest = query.where(*within(areas)).order_by(erasures.c.on, erasures.c.reference).limit(MOST)
    return [(row_of(each), each.on) for each in session.execute(soonest)]


def erasure_of(session: Session, reference: str) -> date | None:
    """When a referral will be erased; None where nothing has been announced."""
    return session.scalar(sa.select(tables.erasures.c.on).where(tables.erasures.c.reference == reference))


def erased_with(session: Session, reference: str, areas: Collection[str]) -> list[ToErase]:
    """All referrals, within `areas`, of the person of this one. Raises ReferralNotFound."""
    table = tables.referrals.c
    person = sa.select(table.person).where(table.reference == reference, *within(areas)).scalar_subquery()
    columns = (table.reference, table.cms_area, table.state, table.submitted_at)
    query = sa.select(*columns).where(table.person == person, *within(areas)).order_by(table.reference)
    found = [ToErase(*row) for row in session.execute(query)]
    if not found:
        raise ReferralNotFound(reference)
    return found
