"""What was noted, newest first, a page at a time: one service's part of it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chassis.audit.tables import audit, audit_listed

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
    query = sa.select(audit).where(*_wanted(asked), *_behind(context.name, asked.after))
    with context.reading() as session:
        rows = session.execute(query.order_by(audit.c.at.desc(), audit.c.id.desc()).limit(limit)).all()
        listed = _listed(session, [row.id for row in rows if row.reference is None], asked.areas)
    return [_told(context.name, row, listed[row.id]) for row in rows]


def read_for_keepers(context: "Context", asked: Asked, limit: int) -> list[dict[str, Any]]:
    """As `read`, for those who know people by their references.

    A service whose own references they must not know (pseudonyms) tells a mark in place of each: the same for the
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
    if asked.reference is not None:
        found.append((audit.c.reference == asked.reference) | _lists(audit_listed.c.reference == asked.reference))
    if asked.areas is not None:
        found.append(audit.c.area.in_(asked.areas) | _lists(audit_listed.c.area.in_(asked.areas)))
    return found


def _lists(wanted: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return audit.c.id.in_(sa.select(audit_listed.c.entry).where(wanted))


def _behind(service: str, after: tuple[datetime, str, int] | None) -> list[sa.ColumnElement[bool]]:
    """Services are in alphabetical order within one instant, so that pages of all of them fit together."""
    if after is None:
        return []
    at, last_service, last_id = after
    if service > last_service:
        return [audit.c.at <= at]
    same_instant = (audit.c.at == at) & (audit.c.id < last_id) if service == last_service else sa.false()
    return [audit.c.at <= at, (audit.c.at < at) | same_instant]


def _listed(session: Session, entries: Sequence[int], areas: Sequence[str] | None) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    if entries:
        query = sa.select(audit_listed).where(audit_listed.c.entry.in_(entries)).order_by(audit_listed.c.reference)
        for row in session.execute(query if areas is None else query.where(audit_listed.c.area.in_(areas))):
            found[row.entry].append(row.reference)
    return found


def _told(service: str, row: Any, listed: list[str]) -> dict[str, Any]:
    names = ("id", "account", "role", "organisation", "action", "kind", "outcome", "detail", "request")
    told = {name: getattr(row, name) for name in names}
    references = listed if row.reference is None else [row.reference]
    return told | {"service": service, "at": row.at.isoformat(), "references": references}
