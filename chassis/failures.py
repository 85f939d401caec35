"""What could not be handled: kept in the store, tried again, parked, and what waits behind it."""

import hashlib
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chassis.message import HOLDING_NOTHING, KilledTheWorker, Message, Permanent
from chassis.rows import any_of, is_postgresql
from chassis.store import Store, erased, failures

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
    """What the store already knows of a batch: events recorded as failed, subjects that are held or erased."""

    event_ids: frozenset[str]
    subjects: frozenset[str]
    erased: frozenset[str]


def known(session: Session, messages: Sequence[Message]) -> Known:
    """One look for a whole batch."""
    ids = {m.event_id for m in messages}
    subjects = {m.subject for m in messages if m.subject}
    asked = {"ids": list(ids), "subjects": list(subjects)}
    rows = session.execute(_of_batch(is_postgresql(session)), asked).all()
    return Known(
        frozenset(row.event_id for row in rows if row.event_id in ids),
        frozenset(row.subject for row in rows if row.holds),
        frozenset(row.subject for row in rows if row.event_id is None),
    )


@cache
def _of_batch(on_postgresql: bool) -> sa.CompoundSelect[Any]:
    of_subject = any_of(failures.c.subject, "subjects", on_postgresql)
    holds = sa.and_(of_subject, failures.c.state.in_(OPEN), _holding())
    concerned = sa.or_(any_of(failures.c.event_id, "ids", on_postgresql), holds)
    failed = sa.select(failures.c.event_id, failures.c.subject, holds.label("holds")).where(concerned)
    is_erased = any_of(erased.c.subject, "subjects", on_postgresql)
    return failed.union_all(sa.select(sa.null(), erased.c.subject, sa.false()).where(is_erased))


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


def record_trial(store: Store, session: Session, message: Message, now: datetime) -> int:
    """Keeps a message before it is tried: if the worker dies of it, this is what stays. Returns the failure's id."""
    row = _row(message, RETRYING, now) | _cause(_DEATH) | {"attempts": 1, "next_attempt_at": now + BACKOFF[0]}
    insert = store.insert(failures).returning(failures.c.id)
    return int(session.execute(insert.values(row)).scalar_one())


def begin_trial(session: Session, row: Any, now: datetime, *, died_before: bool) -> None:
    """Notes, before another trial, how it is to stand if the worker dies of it: parked, if that was so before."""
    again = died_before and row.error_type == KilledTheWorker.__name__
    verdict = Verdict(PARKED, None) if again else decide(RuntimeError(), row.attempts + 1, now)
    _note_attempt(session, row.id, _DEATH, verdict, row.attempts + 1, now)


_DEATH = KilledTheWorker("the worker died while it handled this")


def locked(session: Session, id: int) -> Any:
    """The failure, locked; None where it is gone."""
    return session.execute(sa.select(failures).where(failures.c.id == id).with_for_update()).one_or_none()


def forget(session: Session, id: int) -> None:
    """It has been handled."""
    session.execute(sa.delete(failures).where(failures.c.id == id))


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
    _note_attempt(session, id, error, verdict, attempts, now)
    return verdict.state


def _note_attempt(
    session: Session, id: int, error: BaseException, verdict: Verdict, attempts: int, now: datetime
) -> None:
    values = _cause(error) | {
        "state": verdict.state,
        "next_attempt_at": verdict.next_attempt_at,
        "attempts": attempts,
        "last_at": now,
    }
    session.execute(sa.update(failures).where(failures.c.id == id).values(values))


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
    return list(session.scalars(_due(), {"now": now, "at_most": limit}))


@cache
def _due() -> sa.Select[Any]:
    # asked every second: it takes longer to put together than to answer
    ahead = failures.alias("ahead")
    blocked = sa.exists().where(
        ahead.c.subject == failures.c.subject, ahead.c.id < failures.c.id, ahead.c.state.in_(AHEAD), _holding(ahead)
    )
    ready = sa.or_(
        sa.and_(failures.c.state == RETRYING, failures.c.next_attempt_at <= sa.bindparam("now")),
        sa.and_(failures.c.state == WAITING, ~blocked),
    )
    at_most = sa.bindparam("at_most", type_=sa.Integer)
    return sa.select(failures.c.id).where(ready).order_by(failures.c.id).limit(at_most)


def may_be_tried(session: Session, row: Any, *, overtakes: bool) -> bool:
    """Unless it is parked or given up, or is behind an earlier event of its subject that it does not overtake."""
    if row.state not in (RETRYING, WAITING):
        return False
    if row.subject is None or overtakes:
        return True
    earlier = sa.and_(failures.c.subject == row.subject, failures.c.id < row.id, failures.c.state.in_(OPEN), _holding())
    return not session.scalar(sa.select(sa.exists().where(earlier)))
