"""What was noted, newest first, a page at a time: one service's part of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from chassis.audit.tables import audit, audit_listed
from chassis.rows import firsts

if TYPE_CHECKING:
    from chassis.context import Context


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is looked for. `areas` None: all of them; `after` is the last line read: its time, service and id."""

    reference: str | None = None
    account: str | None = None
    action: str | None = None
    outcome: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    areas: Sequence[str] | None = None
    after: tuple[datetime, str, int] | None = None


def read(context: "Context", asked: Asked, limit: int) -> list[dict[str, Any]]:
    """`[{service, id, at, account, role, organisation, action, kind, outcome, detail, request, references}]`.

    Ordered by time, newest first, then by service and id. Of a list only the references of `areas` are told.
    """
    if asked.areas is not None and context.areas is None:
        return []  # nothing here belongs to an area
    kept = [*_wanted(asked), *_behind(context.name, asked.after)]
    ids = firsts(audit.c.id, ([*kept, *part] for part in _parts(asked)), _NEWEST, limit)
    query = sa.select(audit, _listed(asked.areas)).where(audit.c.id.in_(ids)).order_by(*_NEWEST).limit(limit)
    with context.reading() as session:
        rows = session.execute(query).all()
    return [_told(context.name, row) for row in rows]


def read_for_keepers(context: "Context", asked: Asked, limit: int) -> list[dict[str, Any]]:
    """As `read`, for those who know people by their references.

    A service whose own references they must not know tells a mark in place of each: the same for the
    same one, found by nothing that anybody knows.
    """
    if context.mark_of is None:
        return read(context, asked, limit)
    if asked.reference is not None:
        return []
    rows = read(context, asked, limit)
    return [row | {"references": sorted(map(context.mark_of, row["references"]))} for row in rows]


def _wanted(asked: Asked) -> list[sa.ColumnElement[bool]]:
    plain = {"account": asked.account, "action": asked.action, "outcome": asked.outcome}
    found = [audit.c[name] == value for name, value in plain.items() if value is not None]
    if asked.since is not None:
        found.append(audit.c.at >= asked.since)
    if asked.until is not None:
        found.append(audit.c.at < asked.until)
    return found


_NEWEST = (audit.c.at.desc(), audit.c.id.desc())


def _parts(asked: Asked) -> list[list[sa.ColumnElement[bool]]]:
    """What is asked for, in parts that each have an index: rows about one thing, and lists that show it."""
    if asked.reference is not None:
        lists = sa.select(audit_listed.c.entry).where(audit_listed.c.reference == asked.reference)
        own = [] if asked.areas is None else [audit.c.area.in_(asked.areas) | _shows(asked.areas)]
        return [[audit.c.reference == asked.reference, *own], [audit.c.id.in_(lists), *own]]
    if asked.areas is not None:
        return [*([audit.c.area == each] for each in asked.areas), [audit.c.reference.is_(None), _shows(asked.areas)]]
    return [[]]


def _shows(areas: Sequence[str]) -> sa.ColumnElement[bool]:
    """Whether a list showed something of these areas."""
    return sa.exists().where(audit_listed.c.entry == audit.c.id, audit_listed.c.area.in_(areas))


def _behind(service: str, after: tuple[datetime, str, int] | None) -> list[sa.ColumnElement[bool]]:
    """Services are in alphabetical order within one instant, so that pages of all of them fit together."""
    if after is None:
        return []
    at, last_service, last_id = after
    if service > last_service:
        return [audit.c.at <= at]
    same_instant = (audit.c.at == at) & (audit.c.id < last_id) if service == last_service else sa.false()
    return [audit.c.at <= at, (audit.c.at < at) | same_instant]


def _listed(areas: Sequence[str] | None) -> sa.Label[str | None]:
    """What a list showed of these areas, as one text: a page of lists has thousands of references."""
    told = sa.select(sa.func.aggregate_strings(audit_listed.c.reference, " ")).where(audit_listed.c.entry == audit.c.id)
    return (told if areas is None else told.where(audit_listed.c.area.in_(areas))).scalar_subquery().label("listed")


def _told(service: str, row: Any) -> dict[str, Any]:
    names = ("id", "account", "role", "organisation", "action", "kind", "outcome", "detail", "request")
    told = {name: getattr(row, name) for name in names}
    references = sorted((row.listed or "").split()) if row.reference is None else [row.reference]
    return told | {"service": service, "at": row.at.isoformat(), "references": references}
