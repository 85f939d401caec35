"""Reported costs: one figure a referral and quarter, the last one counts."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.referral.store.tables import costs


class Costs:
    """The costs of one unit of work; whoever asks for them holds the referral's lock."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, referral_id: str, period: str) -> int | None:
        """Whole francs; None where nothing was reported."""
        return self._session.scalar(sa.select(costs.c.chf).where(*_key(referral_id, period)))

    def keep(self, referral_id: str, period: str, chf: int, by: str, now: datetime) -> None:
        self._session.execute(sa.delete(costs).where(*_key(referral_id, period)))
        row = {"referral_id": referral_id, "period": period, "chf": chf, "reported_by": by, "reported_at": now}
        self._session.execute(sa.insert(costs).values(row))


def _key(referral_id: str, period: str) -> tuple[sa.ColumnElement[bool], ...]:
    return costs.c.referral_id == referral_id, costs.c.period == period
