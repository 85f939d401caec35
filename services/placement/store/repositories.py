"""Where programmes and participations are found, and the unit of work that holds them together.

Everybody who changes anything locks in one order, lanes, groups, participations, each sorted: so nobody waits in a
circle, and the lanes of a programme, locked first, let one through at a time.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis.rows import among
from chassis.store import Store
from chassis.unit import UnitOfWork
from services.placement.domain import (
    URGENCIES,
    Group,
    GroupExists,
    GroupNotFound,
    Lane,
    Participation,
    ParticipationNotFound,
    Programme,
    local_day,
)
from services.placement.store import tables
from services.placement.store.waiting import WaitingPeople

#: region and language: what a programme is found by
Whose = tuple[str, str]


class Programmes:
    """Programmes by region and language, locked until the unit of work ends."""

    def __init__(self, store: Store, session: Session) -> None:
        self._store = store
        self._session = session
        self._queue = WaitingPeople(session)
        self._locked: dict[Whose, Programme] = {}

    def lock(self, wanted: Iterable[Whose]) -> None:
        """Takes all of these in two SELECTs. A region and language that was never heard of gets its empty list."""
        missing = sorted(set(wanted) - self._locked.keys())
        if not missing:
            return
        lanes = self._lanes(missing)
        groups = self._groups(missing)
        for whose in missing:
            own_lanes = [lane for lane in lanes if (lane.region, lane.language) == whose]
            own_groups = [group for group in groups if (group.region, group.language) == whose]
            self._locked[whose] = Programme(own_groups, own_lanes, self._queue)

    def get(self, region: str | None, language: str | None) -> Programme:
        whose = (str(region), str(language))
        self.lock([whose])
        return self._locked[whose]

    def of_group(self, code: str) -> Programme:
        """The programme that a group belongs to. Raises GroupNotFound."""
        table = tables.groups.c
        row = self._session.execute(sa.select(table.region, table.language).where(table.code == code)).one_or_none()
        if row is None:
            raise GroupNotFound(code)
        return self.get(row.region, row.language)

    def add(self, group: Group) -> None:
        """Raises GroupExists."""
        self._session.add(group)
        try:
            self._session.flush()
        except IntegrityError:
            raise GroupExists(group.code) from None

    def _lanes(self, wanted: Collection[Whose]) -> list[Lane]:
        found = self._locked_lanes(wanted)
        if len(found) < len(wanted) * len(URGENCIES):
            self._make_lanes(wanted)
            found = self._locked_lanes(wanted)
        for lane in found:
            self._queue.knows(lane)
        return found

    def _locked_lanes(self, wanted: Collection[Whose]) -> list[Lane]:
        table = tables.lanes.c
        query = sa.select(Lane).where(sa.tuple_(table.region, table.language).in_(wanted))
        return list(self._session.scalars(query.order_by(*tables.lanes.primary_key).with_for_update()))

    def _make_lanes(self, wanted: Collection[Whose]) -> None:
        empty = {"ready": 0, "version": 1}
        rows = [
            {"region": region, "language": language, "urgency": urgency} | empty
            for region, language in wanted
            for urgency in URGENCIES
        ]
        self._session.execute(self._store.insert(tables.lanes).on_conflict_do_nothing(), rows)

    def _groups(self, wanted: Collection[Whose]) -> list[Group]:
        table = tables.groups.c
        query = sa.select(Group).where(sa.tuple_(table.region, table.language).in_(wanted))
        return list(self._session.scalars(query.order_by(table.code).with_for_update()))


class Participations:
    """Participations by reference. What a batch needs is loaded at once and then found without a query."""

    def __init__(self, store: Store, session: Session) -> None:
        self._store = store
        self._session = session
        self._found: dict[str, Participation | None] = {}

    def load(self, references: Iterable[str]) -> None:
        wanted = sorted(set(references) - self._found.keys())
        if not wanted:
            return
        table = tables.participations.c
        query = sa.select(Participation).where(among(self._session, table.reference, wanted)).order_by(table.reference)
        self._found |= dict.fromkeys(wanted)
        self._found |= {each.reference: each for each in self._session.scalars(query.with_for_update())}

    def find(self, reference: str) -> Participation | None:
        self.load([reference])
        return self._found[reference]

    def get(self, reference: str) -> Participation:
        """Raises ParticipationNotFound."""
        found = self.find(reference)
        if found is None:
            raise ParticipationNotFound(reference)
        return found

    def add(self, participation: Participation) -> None:
        self._session.add(participation)
        self._found[participation.reference] = participation

    def count_erased(self, participation: Participation) -> None:
        """Before somebody is erased: the figures keep them, without a reference."""
        table = tables.erased_counts
        told = {"month": participation.counted_in, "region": participation.region, "outcome": participation.outcome}
        insert = self._store.insert(table).values(told | {"people": 1})
        keys = [column.name for column in table.primary_key]
        self._session.execute(insert.on_conflict_do_update(index_elements=keys, set_={"people": table.c.people + 1}))

    def whose(self, references: Collection[str]) -> set[Whose]:
        """The programmes that these belong to; not locked, since nobody ever changes programme."""
        if not references:
            return set()
        table = tables.participations.c
        known = table.reference.in_(references) & table.region.is_not(None)
        rows = self._session.execute(sa.select(table.region, table.language).where(known).distinct())
        return {(row.region, row.language) for row in rows}


class Unit(UnitOfWork):
    """Placement's unit of work."""

    AT_THE_END = (Participation,)

    @cached_property
    def programmes(self) -> Programmes:
        return Programmes(self.context.store, self.session)

    @cached_property
    def participations(self) -> Participations:
        return Participations(self.context.store, self.session)

    @property
    def today(self) -> date:
        return local_day(self.now)

    def load(self, moving: Iterable[str], noted: Iterable[str] = (), programmes: Iterable[Whose] = ()) -> None:
        """Locks all that is needed: `moving` may change places, `noted` are only written to.

        `programmes` are those of people who are not known yet.
        """
        moving = set(moving)
        self.programmes.lock({*programmes, *self.participations.whose(moving)})
        self.participations.load({*moving, *noted})

    def lock(self, reference: str) -> tuple[Programme, Participation]:
        """Somebody with the programme. Raises ParticipationNotFound."""
        self.load([reference])
        participation = self.participations.get(reference)
        if participation.region is None:
            raise ParticipationNotFound(reference)
        return self.programmes.get(participation.region, participation.language), participation


def offers_due(session: Session, now: datetime, limit: int) -> list[str]:
    """References of up to `limit` offers whose time is over, the oldest first."""
    table: Any = tables.participations.c
    due = sa.select(table.reference).where(tables.OFFERED, table.offered_until <= now)
    return list(session.scalars(due.order_by(table.offered_until).limit(limit)))
