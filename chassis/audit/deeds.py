"""Noting who saw or changed what: a change in its own commit, a view in a small one before it is shown."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chassis.audit.tables import audit, audit_listed

if TYPE_CHECKING:
    from chassis.context import Context

ALLOWED, REFUSED = "allowed", "refused"

#: what a reference looks like; whatever else stands in an address may be anything, a name even
_REFERENCE = re.compile(r"[A-Z]{1,4}(-[A-Z0-9]{1,12}){1,3}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UNREADABLE = "(unreadable)"


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Somebody by the opaque id of their account, never by name."""

    account: str
    role: str
    organisation: str | None = None


@dataclass(kw_only=True)
class Deed:
    """What somebody is seeing or about to change. The first unit of work that commits in it was its change."""

    kind: str
    action: str  #: of a commit that happens meanwhile
    who: Callable[[], Actor | None]  #: asked when something is noted
    request: str | None = None
    references: Sequence[str] = ()
    listing: bool = False
    detail: str | None = None  #: a code
    noted: bool = field(default=False, init=False)


_current: ContextVar[Deed | None] = ContextVar("audit_deed", default=None)


@contextmanager
def doing(deed: Deed) -> Iterator[None]:
    """Within it, a commit of a unit of work notes the deed."""
    token = _current.set(deed)
    try:
        yield
    finally:
        _current.reset(token)


def current() -> Deed | None:
    return _current.get()


def note_change(context: "Context", session: Session, subjects: Sequence[str], now: datetime) -> None:
    """Called before a unit of work commits; `subjects` are those of the events that it tells."""
    deed = _current.get()
    if deed is None or deed.noted:
        return
    if not deed.references:
        deed.references = list(dict.fromkeys(subjects))
    if note(context, session, deed, deed.action, ALLOWED, now):
        deed.noted = True


def note(context: "Context", session: Session, deed: Deed, action: str, outcome: str, now: datetime) -> bool:
    """Writes a row, unless nothing or nobody is there to be noted."""
    actor = deed.who()
    references = [_readable(each) for each in deed.references]
    if actor is None or not references:
        return False
    listing = deed.listing or len(references) > 1
    row = {
        "at": now, "account": actor.account, "role": actor.role, "organisation": actor.organisation,
        "action": action, "kind": deed.kind, "outcome": outcome, "detail": deed.detail, "request": deed.request,
    }  # fmt: skip
    if listing:
        _note_list(context, session, row, references)
    else:
        told = {"reference": references[0], "area": _area_of(context, references[0])}
        session.execute(sa.insert(audit).values(row | told))
    return True


def _note_list(context: "Context", session: Session, row: dict[str, object], references: Sequence[str]) -> None:
    entry = session.execute(sa.insert(audit).values(row).returning(audit.c.id)).scalar_one()
    areas = _areas_of(context, session, references)
    listed = [{"entry": entry, "reference": each, "area": areas.get(each)} for each in dict.fromkeys(references)]
    session.execute(sa.insert(audit_listed), listed)


def _area_of(context: "Context", reference: str) -> sa.ScalarSelect[str] | None:
    """Asked within the insert: no round trip more."""
    if context.areas is None:
        return None
    known, area = context.areas
    return sa.select(area).where(known == reference).limit(1).scalar_subquery()


def _areas_of(context: "Context", session: Session, references: Sequence[str]) -> dict[str, str]:
    if context.areas is None:
        return {}
    known, area = context.areas
    rows = session.execute(sa.select(known, area).where(known.in_(references)))
    return {reference: found for reference, found in rows if found is not None}


def _readable(reference: str) -> str:
    return reference if _REFERENCE.fullmatch(reference) else _UNREADABLE
