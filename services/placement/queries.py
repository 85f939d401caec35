"""Read models of placement's pages. They decide nothing and lock nothing."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.placement.domain import (
    ENDED_EARLY,
    ENDED_PLANNED,
    GROUP_CLOSED,
    GROUP_FULL,
    NO_GROUP,
    PLANNED,
    SEATS,
    URGENCIES,
    Group,
    Participation,
    Standing,
    State,
    explain,
)
from services.placement.store import tables

PAGE = 50  #: lines of a list shown at once

_person = tables.participations.c
_lane = tables.lanes.c
_group = tables.groups.c
_IN_SEATS = tuple(SEATS)
_rank = sa.case({urgency: place for place, urgency in enumerate(URGENCIES)}, value=_person.urgency)


@dataclass(frozen=True)
class WaitingList:
    """The waiting list of a region and language: how many are ready, how many of them urgent, and passed over."""

    region: str
    language: str
    ready: int
    urgent: int
    passed_over: int

    @property
    def whole(self) -> int:
        return self.ready + self.passed_over


def groups(session: Session, region: str | None = None) -> list[Group]:
    """All groups, or those of a region, by name."""
    query = sa.select(Group).order_by(_group.name)
    return list(session.scalars(query.where(_group.region == region) if region else query))


def group(session: Session, code: str) -> Group | None:
    return session.get(Group, code)


def waiting_lists(session: Session, region: str | None = None) -> list[WaitingList]:
    """Those on which somebody waits, or for which there is a group."""
    passed_over = _passed_over_counts(session)
    served = {(each.region, each.language) for each in groups(session)}
    ready: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for row in session.execute(sa.select(_lane.region, _lane.language, _lane.urgency, _lane.ready)):
        ready[row.region, row.language][row.urgency] = row.ready
    lists = [
        WaitingList(*whose, sum(counts.values()), counts.get(URGENCIES[0], 0), passed_over.get(whose, 0))
        for whose, counts in sorted(ready.items())
    ]
    shown = (each for each in lists if each.whole or (each.region, each.language) in served)
    return [each for each in shown if region in (None, each.region)]


def waiting_list(session: Session, region: str, language: str) -> WaitingList | None:
    found = (each for each in waiting_lists(session, region) if each.language == language)
    return next(found, None)


def why_waiting(of_programme: Sequence[Group]) -> str:
    """Why people wait at all, as a code."""
    if not of_programme:
        return NO_GROUP
    return GROUP_FULL if any(each.is_open for each in of_programme) else GROUP_CLOSED


def in_line(session: Session, waiting: WaitingList, page: int = 1) -> list[tuple[Participation, Standing]]:
    """A page of those who are ready for a place, in order, each with the standing; one more than a page if there is."""
    offset = (page - 1) * PAGE
    people: list[Participation] = []
    for urgency, ready in zip(URGENCIES, (waiting.urgent, waiting.ready - waiting.urgent), strict=True):
        ahead, offset = offset, max(0, offset - ready)
        if ahead < ready and len(people) <= PAGE:
            query = _of(waiting).where(
                tables.READY, _person.urgency == urgency
            )  # each urgency in the order of its index
            query = query.order_by(_person.accepted_at, _person.reference).offset(ahead)
            people += session.scalars(query.limit(PAGE + 1 - len(people)))
    first = (page - 1) * PAGE + 1
    return [(each, explain(str(each.urgency), place, waiting.urgent)) for place, each in enumerate(people, first)]


def passed_over(session: Session, waiting: WaitingList) -> list[Participation]:
    """Those who let an offer go and have not said that they are ready again, the latest first."""
    query = _of(waiting).where(tables.PASSED_OVER)
    return list(session.scalars(query.order_by(_person.since.desc()).limit(PAGE)))


def standing(session: Session, participation: Participation) -> Standing | None:
    """Where somebody who is ready stands now."""
    waiting = waiting_list(session, str(participation.region), str(participation.language))
    if waiting is None or not participation.is_ready:
        return None
    own_rank = URGENCIES.index(str(participation.urgency))
    own = (participation.accepted_at, participation.reference)
    typed = (sa.literal(own[0], _person.accepted_at.type), sa.literal(own[1], _person.reference.type))
    earlier = (_rank == own_rank) & (sa.tuple_(_person.accepted_at, _person.reference) < sa.tuple_(*typed))
    ahead = _of(waiting).where(tables.READY, (_rank < own_rank) | earlier)
    count = session.scalar(sa.select(sa.func.count()).select_from(ahead.subquery())) or 0
    return explain(str(participation.urgency), count + 1, waiting.urgent)


def roster(session: Session, code: str) -> list[Participation]:
    """Who has a place in a group or an offer of one: those who take part first, then by the first day."""
    query = sa.select(Participation).where(_person.group == code, _person.state.in_(_IN_SEATS))
    order = [State.ACTIVE, State.PAUSED, State.PLACED, State.OFFERED]
    people = session.scalars(query.order_by(_person.starts_on, _person.reference))
    return sorted(people, key=lambda each: order.index(each.state))


def participation(session: Session, reference: str) -> Participation | None:
    """Somebody, unless nothing but the reference is known."""
    query = sa.select(Participation).where(_person.reference == reference, _person.region.is_not(None))
    return session.scalars(query).one_or_none()


def statuses(session: Session, region: str, page: int = 1) -> list[Any]:
    """reference, state, since, group's name: no names; one more than a page if there is."""
    columns = (_person.reference, _person.state, _person.since, _group.name.label("group_name"))
    query = sa.select(*columns).select_from(tables.participations.outerjoin(tables.groups))
    query = query.where(_person.region == region).order_by(_person.since.desc(), _person.reference.desc())
    return list(session.execute(query.offset((page - 1) * PAGE).limit(PAGE + 1)))


def counts(session: Session, region: str | None = None) -> dict[str, dict[str, int]]:
    """{region: {state: people}}; `ended` is told apart into `ended_planned` and `ended_early`."""
    query = sa.select(_person.region, _person.state, _person.reason, sa.func.count().label("people"))
    query = query.where(_person.region.is_not(None)).group_by(_person.region, _person.state, _person.reason)
    found: dict[str, dict[str, int]] = {each.region: _no_counts() for each in groups(session)}
    for row in session.execute(query):
        of_region = found.setdefault(row.region, _no_counts())
        of_region[_counted_as(row)] += row.people
    for row in session.execute(_erased()):
        found.setdefault(row.region, _no_counts())[row.outcome] += row.people
    return {name: found[name] for name in sorted(found) if region in (None, name)}


def _erased() -> sa.Select[Any]:
    """Those of whom nothing else is known any more."""
    table = tables.erased_counts.c
    people = sa.func.sum(table.people).label("people")
    return sa.select(table.region, table.outcome, people).group_by(table.region, table.outcome)


def _no_counts() -> dict[str, int]:
    states = [state.value for state in State if state is not State.ENDED]
    return dict.fromkeys([*states, ENDED_PLANNED, ENDED_EARLY], 0)


def _counted_as(row: Any) -> str:
    if row.state is not State.ENDED:
        return str(row.state)
    return ENDED_PLANNED if row.reason == PLANNED else ENDED_EARLY


def _of(waiting: WaitingList) -> sa.Select[Participation]:
    return sa.select(Participation).where(_person.region == waiting.region, _person.language == waiting.language)


def _passed_over_counts(session: Session) -> dict[tuple[str, str], int]:
    query = sa.select(_person.region, _person.language, sa.func.count().label("people"))
    waiting = query.where(tables.PASSED_OVER)
    rows = session.execute(waiting.group_by(_person.region, _person.language))
    return {(row.region, row.language): row.people for row in rows}
