"""What HES-SO's pages show: pseudonyms, birth year, sex, region, language, waves, costs; never a reference."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from services.evaluation.domain import Participation, State, Wave, WaveState
from services.evaluation.store import costs, participations, waves

PAGE = 50  #: lines of a list on one page

_WHO = tuple(participations.c[name] for name in ("id", "pseudonym", "birth_year", "sex", "region", "language", "state"))
_FOLLOWED = participations.c.pseudonym.isnot(None)


def _come_due(today: date) -> sa.ColumnElement[bool]:
    # by its day, whether or not the schedule has told of it already
    return waves.c.state.in_((WaveState.PLANNED, WaveState.DUE)) & (waves.c.due_on <= today)


def due_now(session: Session, today: date, page: int) -> Sequence[Any]:
    """One page (from 1) of the waves to be asked, the longest due first, and the first line of the next."""
    query = sa.select(*_WHO, waves.c.code, waves.c.due_on).join(waves).where(_come_due(today))
    return session.execute(_paged(query.order_by(waves.c.due_on, participations.c.id), page)).all()


def count_due(session: Session, today: date) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(waves).where(_come_due(today))) or 0


def participants(session: Session, page: int) -> Sequence[Any]:
    """One page of the participants, the newest first, and the first line of the next."""
    query = sa.select(*_WHO, participations.c.first_day).where(_FOLLOWED)
    return session.execute(_paged(query.order_by(participations.c.id.desc()), page)).all()


def count_by_state(session: Session) -> dict[State, int]:
    """Participations by state; `refused` counts those who did not agree, of whom nothing else is known."""
    counted = sa.select(participations.c.state, sa.func.count()).group_by(participations.c.state)
    return {row[0]: row[1] for row in session.execute(counted)}


def participations_of(session: Session, pseudonym: str) -> Sequence[Participation]:
    """The person's participations, the newest first: one for each referral that led to a place."""
    query = sa.select(Participation).where(participations.c.pseudonym == pseudonym)
    whole = [selectinload(relation.class_attribute) for relation in sa.inspect(Participation).relationships]
    return session.scalars(query.order_by(participations.c.id.desc()).options(*whole)).all()


def wave(session: Session, participation_id: str, code: str) -> tuple[str, Wave] | None:
    """Pseudonym and wave; None where there is no such wave."""
    query = sa.select(participations.c.pseudonym, Wave).join(Wave, waves.c.participation_id == participations.c.id)
    wanted = (participations.c.id == participation_id) & (waves.c.code == code)
    found = session.execute(query.where(wanted)).one_or_none()
    return None if found is None else (found[0], found[1])


def costs_of(session: Session, pseudonym: str) -> Sequence[Any]:
    """Quarter and whole francs, oldest first."""
    query = sa.select(costs.c.period, costs.c.chf).where(costs.c.pseudonym == pseudonym)
    return session.execute(query.order_by(costs.c.period)).all()


def _paged(query: sa.Select[Any], page: int) -> sa.Select[Any]:
    return query.limit(PAGE + 1).offset((page - 1) * PAGE)
