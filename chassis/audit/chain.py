"""The chain: each row's digest holds the one before, so that no row can be changed or taken out unseen.

Rows are written without it, so that writers never wait for each other; a schedule of the worker seals them, a moment
later, in the order in which it finds them. The digest is keyed: whoever can write the database can't make another.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis.audit.tables import audit, audit_cuts, audit_listed
from chassis.crypto import KeyedHash

if TYPE_CHECKING:
    from chassis.context import Context

log = structlog.get_logger("chassis.audit")

SEALED_AT_ONCE = 500
SEALED_WITHIN = timedelta(minutes=10)  #: a row older than that should be in the chain
SEALED = "audit sealed"  #: how the log says it, with the head of the chain
_AT_ONCE = 1000

_TOLD = [column for column in audit.c if column.name not in ("position", "digest")]


@dataclass(frozen=True)
class Broken:
    """The first row that is not as it was sealed. `id` is None where the row is gone."""

    position: int
    id: int | None
    why: str


@dataclass(frozen=True)
class Verdict:
    """What was found of a chain: rows in it, its head, and the first broken row."""

    rows: int
    position: int
    digest: str
    cut_at: int  #: position up to which rows were removed because their time was over; 0: none
    unsealed: int  #: rows that should be sealed by now and are not
    broken: Broken | None


def seal(context: "Context", limit: int = SEALED_AT_ONCE) -> int:
    """Takes new rows into the chain; returns how many."""
    with context.reading() as session:
        if not session.execute(sa.select(audit.c.id).where(audit.c.digest.is_(None)).limit(1)).first():
            return 0
    try:
        with context.store.writing() as session:
            return _seal(context, session, limit)
    except IntegrityError:
        return 0  # another worker seals them at this moment


def _seal(context: "Context", session: Session, limit: int) -> int:
    new = sa.select(*_TOLD).where(audit.c.digest.is_(None)).order_by(audit.c.id).limit(limit)
    rows = session.execute(new.with_for_update(skip_locked=True)).all()
    if not rows:
        return 0
    position, digest = _head(session)
    hasher, listed = _hasher(context), _listed(session, [row.id for row in rows])
    sealed = []
    for row in rows:
        position, digest = position + 1, _digest(hasher, digest, row, listed[row.id])
        sealed.append({"row": row.id, "position": position, "digest": digest})
    session.execute(_SEAL, sealed)
    log.info(SEALED, service=context.name, rows=len(rows), position=position, digest=digest)
    return len(rows)


_SEAL = (
    sa.update(audit)
    .where(audit.c.id == sa.bindparam("row"))
    .values(position=sa.bindparam("position"), digest=sa.bindparam("digest"))
    .execution_options(synchronize_session=False)
)


def verify(context: "Context", heads: Mapping[int, str] = MappingProxyType({})) -> Verdict:
    """Goes through the whole chain, the oldest row first, and stops at the first that is broken.

    `heads` are digests by position that were written down elsewhere: without them a chain that was cut at its end, and
    went on from there, looks whole.
    """
    hasher, now = _hasher(context), context.clock.now()
    with context.reading() as session:
        cut_at, digest, broken = _beginning(session, hasher)
        position = cut_at
        for row, listed in _rows(session, cut_at) if broken is None else ():
            expected = _digest(hasher, digest, row, listed)
            broken = _wrong(row, position + 1, expected, heads)
            if broken:
                break
            position, digest = row.position, row.digest
        unsealed = _forgotten(session, now)
    broken = broken or _missing(position, heads)
    return Verdict(position - cut_at, position, digest, cut_at, unsealed, broken)


def cut(context: "Context", before: datetime) -> int:
    """Removes the oldest rows, up to the first that is not older than `before`; returns how many."""
    with context.store.writing() as session:
        younger = sa.select(sa.func.min(audit.c.position)).where(audit.c.at >= before)
        end = session.scalar(younger) or (session.scalar(sa.select(sa.func.max(audit.c.position))) or 0) + 1
        last = session.execute(
            sa.select(audit.c.position, audit.c.digest).where(audit.c.position < end).order_by(audit.c.position.desc())
        ).first()
        return _cut(context, session, *last) if last else 0


def _cut(context: "Context", session: Session, position: int, digest: str) -> int:
    now = context.clock.now()
    seal = _cut_seal(_hasher(context), position, digest)
    session.execute(sa.insert(audit_cuts).values(position=position, digest=digest, at=now, seal=seal))
    gone = sa.select(audit.c.id).where(audit.c.position <= position)
    session.execute(sa.delete(audit_listed).where(audit_listed.c.entry.in_(gone)))
    removed: Any = session.execute(sa.delete(audit).where(audit.c.position <= position))
    return int(removed.rowcount)


def _beginning(session: Session, hasher: KeyedHash) -> tuple[int, str, Broken | None]:
    last = session.execute(sa.select(audit_cuts).order_by(audit_cuts.c.position.desc())).first()
    if last is None:
        return 0, "", None
    if last.seal != _cut_seal(hasher, last.position, last.digest):
        return last.position, last.digest, Broken(last.position, None, "rows were removed, and not by us")
    return last.position, last.digest, None


def _rows(session: Session, after: int) -> Iterator[tuple[Any, Sequence[Any]]]:
    """The sealed rows in order, each with what it listed."""
    while True:
        chunk = session.execute(
            sa.select(audit).where(audit.c.position > after).order_by(audit.c.position).limit(_AT_ONCE)
        ).all()
        if not chunk:
            return
        listed = _listed(session, [row.id for row in chunk])
        for row in chunk:
            yield row, listed[row.id]
        after = chunk[-1].position


def _wrong(row: Any, position: int, expected: str, heads: Mapping[int, str]) -> Broken | None:
    if row.position != position:
        return Broken(position, None, "the row is gone")
    if row.digest != expected:
        return Broken(position, row.id, "the row, or the one before it, was changed")
    if heads.get(position, expected) != expected:
        return Broken(position, row.id, "another row stood here when this was written down")
    return None


def _missing(position: int, heads: Mapping[int, str]) -> Broken | None:
    return Broken(position + 1, None, "rows at the end are gone") if max(heads, default=0) > position else None


def _forgotten(session: Session, now: datetime) -> int:
    open_too_long = audit.c.digest.is_(None) & (audit.c.at < now - SEALED_WITHIN)
    return session.scalar(sa.select(sa.func.count()).where(open_too_long)) or 0


def _head(session: Session) -> tuple[int, str]:
    last = session.execute(
        sa.select(audit.c.position, audit.c.digest)
        .where(audit.c.position.is_not(None))
        .order_by(audit.c.position.desc())
        .limit(1)
    ).first()
    last = (
        last
        or session.execute(
            sa.select(audit_cuts.c.position, audit_cuts.c.digest).order_by(audit_cuts.c.position.desc()).limit(1)
        ).first()
    )
    return (last.position, last.digest) if last else (0, "")


def _listed(session: Session, entries: Sequence[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    query = sa.select(audit_listed).where(audit_listed.c.entry.in_(entries)).order_by(audit_listed.c.reference)
    for row in session.execute(query):
        found[row.entry].append([row.reference, row.area])
    return found


def _digest(hasher: KeyedHash, before: str, row: Any, listed: Sequence[Any]) -> str:
    values = [getattr(row, column.name) for column in _TOLD]
    told = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    # the order of text depends on the database's collation: ours does not
    return hasher.of("audit " + json.dumps([before, told, sorted(listed)], ensure_ascii=True))


def _cut_seal(hasher: KeyedHash, position: int, digest: str) -> str:
    return hasher.of(f"audit cut {position} {digest}")


def _hasher(context: "Context") -> KeyedHash:
    return KeyedHash(context.settings.keys.hash(context.name))
