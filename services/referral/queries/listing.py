"""Referrals by the hundred, for other systems: filtered, the newest first, page after page."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from contracts.people import ALL_AREAS
from services.referral.domain import LOCAL, State
from services.referral.forms.asking import Place, Wanted
from services.referral.store.tables import referrals


@dataclass(frozen=True)
class Listed:
    """A referral as lists tell of it: without a word about the person."""

    reference: str
    status: State
    cms_area: str
    region: str | None
    submitted_at: datetime


@dataclass(frozen=True)
class Listing:
    """One page, and where the next one begins; None where there is none."""

    referrals: Sequence[Listed]
    next: Place | None


def list_for_programs(
    session: Session, areas: Collection[str], wanted: Wanted, *conditions: sa.ColumnElement[bool]
) -> Listing:
    """A page of what `areas` allow to see and all conditions hold for."""
    table = referrals.c
    told = (table.reference, table.state, table.cms_area, table.region, table.submitted_at)
    newest = (
        sa.select(*told)
        .where(*_chosen(areas, wanted), *conditions)
        .order_by(table.submitted_at.desc(), table.reference.desc())
    )
    rows = [Listed(*row) for row in session.execute(newest.limit(wanted.limit + 1))]
    page = rows[: wanted.limit]
    return Listing(page, (page[-1].submitted_at, page[-1].reference) if len(rows) > len(page) else None)


def _chosen(areas: Collection[str], wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    table = referrals.c
    chosen: list[sa.ColumnElement[bool]] = [] if ALL_AREAS in areas else [table.cms_area.in_(areas)]
    equal = {"state": wanted.status, "cms_area": wanted.cms_area, "region": wanted.region}
    chosen += [table[name] == value for name, value in equal.items() if value is not None]
    if wanted.submitted_from:
        chosen.append(table.submitted_at >= _midnight(wanted.submitted_from))
    if wanted.submitted_to:
        chosen.append(table.submitted_at < _midnight(wanted.submitted_to + timedelta(days=1)))
    if wanted.after:
        at, reference = wanted.after
        place = sa.tuple_(sa.literal(at, table.submitted_at.type), sa.literal(reference))
        chosen.append(sa.tuple_(table.submitted_at, table.reference) < place)
    return chosen


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL).astimezone(UTC)
