"""Where participations are kept: tables, the mapping of the domain onto them, and how they are found."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property

import sqlalchemy as sa
from sqlalchemy.orm import Session, registry, relationship, selectinload

from chassis.i18n import ZURICH
from chassis.rows import among
from chassis.store import Serial, UTCDateTime, service_metadata
from chassis.unit import UnitOfWork
from services.evaluation.domain import ParticipantNotFound, Participation, Pause, State, Wave, WaveState

metadata = service_metadata()


def _named(kind: type[StrEnum]) -> sa.Enum:
    return sa.Enum(kind, native_enum=False, length=20, values_callable=lambda states: [s.value for s in states])


participations = sa.Table(
    "participations",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("reference", sa.String(40), nullable=False, unique=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("state", _named(State), nullable=False, index=True),
    sa.Column("pseudonym", sa.String(40), index=True),
    sa.Column("birth_year", sa.Integer),
    sa.Column("sex", sa.String(1)),
    sa.Column("region", sa.String(40)),
    sa.Column("language", sa.String(2)),
    sa.Column("enrolled_on", sa.Date),
    sa.Column("first_day", sa.Date),
    sa.Column("attended", sa.Boolean, nullable=False),
    sa.Column("ended_on", sa.Date),
)


def _of_participation() -> sa.ForeignKey:
    return sa.ForeignKey("participations.id", ondelete="CASCADE")


waves = sa.Table(
    "waves",
    metadata,
    sa.Column("participation_id", sa.String(36), _of_participation(), primary_key=True),
    sa.Column("code", sa.String(10), primary_key=True),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("state", _named(WaveState), nullable=False),
    sa.Column("announced", sa.Boolean, nullable=False),
    sa.Column("completed_on", sa.Date),
)
sa.Index("ix_waves_due", waves.c.state, waves.c.due_on)

pauses = sa.Table(
    "pauses",
    metadata,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("participation_id", sa.String(36), _of_participation(), nullable=False, index=True),
    sa.Column("from_on", sa.Date, nullable=False),
    sa.Column("until_on", sa.Date),
)

costs = sa.Table(
    "costs",
    metadata,
    sa.Column("reference", sa.String(40), primary_key=True),
    sa.Column("period", sa.String(10), primary_key=True),  # 2026-Q4
    sa.Column("pseudonym", sa.String(40), nullable=False, index=True),
    sa.Column("chf", sa.Integer, nullable=False),
    sa.Column("reported_at", UTCDateTime, nullable=False),
)

mapper_registry = registry(metadata=metadata)
mapper_registry.map_imperatively(Wave, waves)
mapper_registry.map_imperatively(Pause, pauses)
mapper_registry.map_imperatively(
    Participation,
    participations,
    version_id_col=participations.c.version,
    properties={
        "waves": relationship(Wave, order_by=[waves.c.due_on, waves.c.code], cascade="all, delete-orphan"),
        "pauses": relationship(Pause, order_by=pauses.c.from_on, cascade="all, delete-orphan"),
    },
)

_WHOLE = (selectinload(Participation.waves), selectinload(Participation.pauses))  # type: ignore[arg-type]  # mapped


class Participations:
    """The participations of one unit of work. All are loaded locked, so that nobody decides on an old state."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._found: dict[str, Participation | None] = {}

    def load(self, references: Iterable[str]) -> None:
        """Fetches all these at once; afterwards `find` asks the store for none of them."""
        wanted = sorted(set(references) - self._found.keys())
        if not wanted:
            return
        self._found |= dict.fromkeys(wanted)
        self._found |= {p.reference: p for p in self._fetch(among(self._session, participations.c.reference, wanted))}

    def find(self, reference: str) -> Participation | None:
        self.load([reference])
        return self._found[reference]

    def get(self, reference: str) -> Participation:
        """Raises ParticipantNotFound."""
        found = self.find(reference)
        if found is None:
            raise ParticipantNotFound(f"no placement is known for {reference}")
        return found

    def by_id(self, id: str) -> Participation:
        """Raises ParticipantNotFound."""
        found = self._fetch(participations.c.id == id)
        if not found:
            raise ParticipantNotFound(id)
        return found[0]

    def with_waves_come_due(self, today: date, limit: int) -> list[Participation]:
        """Up to `limit` participations with a planned wave whose day has come."""
        due = (waves.c.state == WaveState.PLANNED) & (waves.c.due_on <= today)
        ids = sa.select(waves.c.participation_id).where(due).distinct().limit(limit)
        return self._fetch(participations.c.id.in_(list(self._session.scalars(ids))))

    def add(self, participation: Participation) -> None:
        self._session.add(participation)
        self._found[participation.reference] = participation

    def _fetch(self, where: sa.ColumnElement[bool]) -> list[Participation]:
        # always in the same order, so that two who lock several don't wait for each other
        query = sa.select(Participation).where(where).order_by(participations.c.id).options(*_WHOLE)
        return list(self._session.scalars(query.with_for_update()))


class Costs:
    """Medical costs by quarter: what a later report says replaces what an earlier one said."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._without: set[str] = set()

    def note(self, reference: str, pseudonym: str, period: str, chf: int, at: datetime) -> None:
        self._without.discard(reference)
        self._session.execute(sa.delete(costs).where(costs.c.reference == reference, costs.c.period == period))
        row = {"reference": reference, "period": period, "pseudonym": pseudonym, "chf": chf, "reported_at": at}
        self._session.execute(sa.insert(costs).values(row))

    def load(self, references: Iterable[str]) -> None:
        """Asks at once of which of these there are any; afterwards `forget` asks the store for none of the others."""
        wanted = set(references)
        found = sa.select(costs.c.reference).where(among(self._session, costs.c.reference, sorted(wanted)))
        self._without |= wanted - set(self._session.scalars(found))

    def rename(self, reference: str, id: str) -> None:
        """Costs are kept under another key than the reference."""
        self._session.execute(sa.update(costs).where(costs.c.reference == reference).values(reference=id))

    def forget(self, reference: str) -> None:
        if reference not in self._without:
            self._session.execute(sa.delete(costs).where(costs.c.reference == reference))


class Unit(UnitOfWork):
    """One transaction of the evaluation."""

    AT_THE_END = (Participation,)

    @cached_property
    def participations(self) -> Participations:
        return Participations(self.session)

    @cached_property
    def costs(self) -> Costs:
        return Costs(self.session)

    @property
    def today(self) -> date:
        """The day it is in Switzerland."""
        return self.now.astimezone(ZURICH).date()
