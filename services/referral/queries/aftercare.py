"""What was told of a referral while it runs, and what of the list somebody should see to."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.referral.domain import State
from services.referral.queries.lists import Filter, Row, list_referrals, row_of, shown_columns, within
from services.referral.queries.stories import NOT_DELIVERED
from services.referral.store.tables import costs, referrals, timeline

MOST = 5  #: lines of each kind of thing to see to


def costs_of(session: Session, referral_id: str) -> Sequence[Any]:
    """Period, francs and time of each reported quarter, the newest first."""
    told = sa.select(costs.c.period, costs.c.chf, costs.c.reported_at).where(costs.c.referral_id == referral_id)
    return session.execute(told.order_by(costs.c.period.desc())).all()


def cost_of(session: Session, referral_id: str, period: str) -> int | None:
    return session.scalar(sa.select(costs.c.chf).where(costs.c.referral_id == referral_id, costs.c.period == period))


def waiting_for_answers(session: Session, hasher: Any, areas: Collection[str]) -> Sequence[Row]:
    """Referrals that lack information."""
    return list_referrals(session, hasher, areas, Filter(states=(State.INFORMATION_NEEDED,))).rows[:MOST]


def with_lost_messages(session: Session, areas: Collection[str]) -> list[Row]:
    """Referrals of which a partner could not be told, and has not been since."""
    said = timeline.c.type == NOT_DELIVERED
    failed = sa.select(timeline.c.referral_id, sa.func.max(timeline.c.seq).label("last")).where(said)
    failed = failed.group_by(timeline.c.referral_id)
    latest = failed.subquery()
    query = sa.select(*shown_columns(), referrals.c.id).join(latest, latest.c.referral_id == referrals.c.id)
    found = session.execute(query.where(*within(areas)).order_by(latest.c.last.desc()).limit(4 * MOST)).all()
    lost = _still_lost(session, [row.id for row in found])
    return [row_of(row) for row in found if row.id in lost][:MOST]


def _still_lost(session: Session, ids: Sequence[str]) -> set[str]:
    """Of these referrals those whose last word on some message is that it was not delivered."""
    if not ids:
        return set()
    spoken = timeline.c.type.like("notification.%") & timeline.c.referral_id.in_(ids)
    entries = session.execute(sa.select(timeline).where(spoken).order_by(timeline.c.seq))
    last = {
        (entry.referral_id, entry.data["partner"], entry.data["about"], entry.data["channel"]): entry.type
        for entry in entries
    }
    return {key[0] for key, type in last.items() if type == NOT_DELIVERED}
