"""Who waits, in order, without asking the database for each."""

from collections import defaultdict

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.placement.domain import Key, Lane, Participation, who_is_next
from services.placement.store.tables import READY, participations

_FETCHED_AT_ONCE = 20

table = participations.c


class WaitingPeople:
    """The queue of one unit of work. Its lanes are locked by then: nobody else moves anybody in them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._fetched: dict[Lane, list[Participation]] = defaultdict(list)
        self._joined: dict[Lane, list[Participation]] = defaultdict(list)
        self._lanes: dict[tuple[str | None, str | None, str | None], Lane] = {}

    def knows(self, lane: Lane) -> None:
        self._lanes[lane.region, lane.language, lane.urgency] = lane

    def add(self, participation: Participation) -> None:
        lane = self._lanes[participation.region, participation.language, participation.urgency]
        self._joined[lane].append(participation)

    def first(self, lane: Lane) -> Participation:
        """Whoever is not fetched stands behind all who are: while one of these is left, no other comes first."""
        if not any(each.is_ready for each in self._fetched[lane]):
            self._fetched[lane] = self._fetch(lane)
        found = who_is_next([*self._fetched[lane], *self._joined[lane]])
        if found is None:
            raise LookupError(f"the lane {lane.region} {lane.language} {lane.urgency} counts somebody and has nobody")
        return found

    def behind(self, lane: Lane, key: Key) -> int:
        later = sa.tuple_(table.accepted_at, table.reference) > sa.tuple_(*_typed(key))
        return self._session.scalar(sa.select(sa.func.count()).where(_ready(lane), later)) or 0

    def _fetch(self, lane: Lane) -> list[Participation]:
        query = sa.select(Participation).where(_ready(lane)).order_by(table.accepted_at, table.reference)
        return list(self._session.scalars(query.limit(_FETCHED_AT_ONCE).with_for_update()))


def _ready(lane: Lane) -> sa.ColumnElement[bool]:
    of_lane = (table.region == lane.region, table.language == lane.language, table.urgency == lane.urgency)
    return sa.and_(*of_lane, READY)


def _typed(key: Key) -> tuple[sa.ColumnElement[object], ...]:
    return (
        sa.bindparam(None, key.accepted_at, type_=table.accepted_at.type),
        sa.bindparam(None, key.reference, type_=table.reference.type),
    )
