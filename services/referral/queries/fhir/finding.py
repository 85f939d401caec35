"""Referrals for FHIR: one, or a page of a search."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.referral.domain import Referral, ReferralNotFound
from services.referral.forms.asking import Place, Wanted
from services.referral.queries.fhir.statuses import having
from services.referral.queries.listing import list_for_programs
from services.referral.store.tables import referrals, timeline


@dataclass(frozen=True)
class Found:
    """A referral, and when the last news of it came."""

    referral: Referral
    last_news: datetime


def find_one(session: Session, reference: str, areas: Collection[str]) -> Found:
    """Raises ReferralNotFound, also for what lies outside `areas`."""
    page, _next = find(session, areas, Wanted(limit=1), referrals.c.reference == reference)
    if not page:
        raise ReferralNotFound(reference)
    return page[0]


def find(
    session: Session, areas: Collection[str], wanted: Wanted, *conditions: sa.ColumnElement[bool]
) -> tuple[Sequence[Found], Place | None]:
    """A page, the newest first, and where the next one begins: three statements however many there are."""
    listing = list_for_programs(session, areas, wanted, *conditions)
    references = [each.reference for each in listing.referrals]
    whole = {each.reference: each for each in session.scalars(_whole(references))}
    news = _last_news(session, [each.id for each in whole.values()])
    found = [whole[reference] for reference in references]
    return [Found(each, news.get(each.id, each.submitted_at)) for each in found], listing.next


def searched(resource: str, status: str | None, reference: str | None) -> list[sa.ColumnElement[bool]]:
    """The conditions of a search by status and by identifier."""
    by_status = [having(resource, status)] if status else []
    return [*by_status, *([referrals.c.reference == reference] if reference else [])]


def _whole(references: Collection[str]) -> Any:
    return sa.select(Referral).where(referrals.c.reference.in_(references))


def _last_news(session: Session, ids: Collection[str]) -> dict[str, datetime]:
    told = timeline.c
    last = sa.select(told.referral_id, sa.func.max(told.at)).where(told.referral_id.in_(ids))
    return {row[0]: row[1] for row in session.execute(last.group_by(told.referral_id))}
