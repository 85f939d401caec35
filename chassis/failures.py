"""What could not be handled: kept in the store, tried again, parked, and what waits behind it."""

import hashlib
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chassis.message import HOLDING_NOTHING, Message, Permanent
from chassis.store import Store, failures

RETRYING = "retrying"  #: will be tried again at `next_attempt_at`
PARKED = "parked"  #: needs somebody
WAITING = "waiting"  #: nothing wrong with it, but an earlier event of its subject failed
DISCARDED = "discarded"  #: somebody decided that it shall not be handled
OPEN = (RETRYING, PARKED, WAITING)
AHEAD = (RETRYING, PARKED)  #: states that hold the later events of a subject

#: pause before the next attempt, by the number of attempts so far; after the last one it is parked
BACKOFF = tuple(timedelta(seconds=s) for s in (5, 30, 120, 600, 3600))

IMMEDIATE_ATTEMPTS = 4  #: one, and three more at once where somebody else was merely in the way


@dataclass(frozen=True)
class Verdict:
    state: str
    next_attempt_at: datetime | None


def decide(error: BaseException, attempts: int, now: datetime) -> Verdict:
    """Retry or park, after `attempts` failed attempts."""
    if isinstance(error, Permanent) or attempts > len(BACKOFF):
        return Verdict(PARKED, None)
    return Verdict(RETRYING, now + BACKOFF[attempts - 1])


@dataclass(frozen=True)
class Known:
    """What the store already knows of a batch: events recorded as failed, and subjects that are held."""

    event_ids: frozenset[str]
    subjects: frozenset[str]


def known(session: Session, messages: Sequence[Message]) -> Known:
    """One look into the failures for a whole batch."""
    ids = {m.event_id for m in messages}
    subjects = {m.subject for m in messages if m.subject}
    of_held_subject = sa.and_(failures.c.subject.in_(subjects), failures.c.state.in_(OPEN), _holding())
    rows = session.execute(
        sa.select(failures.c.event_id, failures.c.subject, of_held_subject.label("holds")).where(
            sa.or_(failures.c.event_id.in_(ids), of_held_subject)
        )
    ).all()
    return Known(
        frozenset(row.event_id for row in rows if row.event_id in ids),
        frozenset(row.subject for row in rows if row.holds),
    )


def _holding(table: sa.FromClause = failures) -> sa.ColumnElement[bool]:
    """As `Message.holds_subject` says it of a message."""
    error = table.c.error_type
    return sa.or_(error.is_(None), error.not_in(HOLDING_NOTHING))


def record(store: Store, session: Session, message: Message, error: BaseException, attempts: int, now: datetime) -> str:
    """Keeps a failed message; returns its state. A second copy of a kept one adds nothing."""
    verdict = decide(error, attempts, now)
    row = _row(message, verdict.state, now) | _cause(error)
    row |= {"attempts": attempts, "next_attempt_at": verdict.next_attempt_at}
    session.execute(store.insert(failures).on_conflict_do_nothing(), [row])
    return verdict.state


def record_waiting(store: Store, session: Session, messages: Iterable[Message], now: datetime) -> None:
    """Keeps messages whose subject is held, in the order in which they came."""
    rows = [_row(message, WAITING, now) | {"attempts": 0} for message in messages]
    if rows:
        session.execute(store.insert(failures).on_conflict_do_nothing(), rows)


def _row(message: Message, state: str, now: datetime) -> dict[str, Any]:
    return {
        "event_id": message.event_id,
        "type": message.type,
        "subject": message.subject,
        "source": message.source,
        "body": message.body,
        "headers": {name: str(value) for name, value in message.headers.items()},
        "state": state,
        "first_at": now,
        "last_at": now,
    }


def fail_again(session: Session, id: int, error: BaseException, attempts: int, now: datetime) -> str:
    """Notes that another attempt failed; returns the new state."""
    verdict = decide(error, attempts, now)
    values = _cause(error) | {
        "state": verdict.state,
        "next_attempt_at": verdict.next_attempt_at,
        "attempts": attempts,
        "last_at": now,
    }
    session.execute(sa.update(failures).where(failures.c.id == id).values(values))
    return verdict.state


def _cause(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)
    last = f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].name}" if frames else ""
    name = type(error).__name__
    return {
        "error_type": name,
        "message": safe_message(error),
        "traceback": "".join(traceback.format_tb(error.__traceback__)) + name,
        "group": hashlib.sha256(f"{name}:{last}".encode()).hexdigest()[:16],
    }


def safe_message(error: BaseException) -> str:
    """What an error says, without values: database errors quote the parameters, which may be anybody's."""
    if isinstance(error, sa.exc.StatementError):
        return f"{type(error.orig).__name__} in: {(error.statement or '')[:300]}"
    return str(error)[:1000]


def due(session: Session, now: datetime, limit: int = 100) -> list[int]:
    """Ids of what may be tried now: retries whose time has come, and what waits for nothing any more."""
    ahead = failures.alias("ahead")
    blocked = sa.exists().where(
        ahead.c.subject == failures.c.subject, ahead.c.id < failures.c.id, ahead.c.state.in_(AHEAD), _holding(ahead)
    )
    ready = sa.or_(
        sa.and_(failures.c.state == RETRYING, failures.c.next_attempt_at <= now),
        sa.and_(failures.c.state == WAITING, ~blocked),
    )
    return list(session.scalars(sa.select(failures.c.id).where(ready).order_by(failures.c.id).limit(limit)))


def is_blocked(session: Session, id: int, subject: str) -> bool:
    """Whether an earlier event of the subject has still not been handled."""
    earlier = sa.and_(failures.c.subject == subject, failures.c.id < id, failures.c.state.in_(OPEN), _holding())
    return bool(session.scalar(sa.select(sa.exists().where(earlier))))
