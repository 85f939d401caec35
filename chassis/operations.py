"""What operators see of a service and do to it. Every service answers the same."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chassis import failures as keeping
from chassis.context import Context
from chassis.envelope import ATTRIBUTES
from chassis.message import HOLDING_NOTHING, PerhapsHandled
from chassis.store import failures as failures_table
from chassis.store import forgotten, heartbeats, inbox, operator_actions, outbox
from chassis.vitals import is_fresh

MASK = "•••"
#: fields of an event that say nothing of anybody; all others are masked
PLAIN_FIELDS = frozenset(
    {"reference", "region", "language", "group", "position", "wave", "partner", "channel", "about"}
)


#: errors of events that no publisher meant for the service, or that it has handled perhaps
_NOT_MEANT = (*HOLDING_NOTHING, PerhapsHandled.__name__)
#: what an operator may do with a failure -> its states in which they may
_POSSIBLE = {
    "retry": (keeping.RETRYING, keeping.PARKED),
    "edit": (keeping.RETRYING, keeping.PARKED),
    "discard": keeping.OPEN,
}


class NotPossible(ValueError):
    """The failure is not in a state for this; the message says what can be done instead."""


def status(context: Context) -> dict[str, Any]:
    """How the service is doing.

    `{service, ready, workers, queue_depth, outbox_waiting, outbox_age_s, failures, kept_since: {outbox, inbox}}`, where
    `kept_since` is the moment up to which rows may have been removed, None where none was.
    """
    now = context.clock.now()
    with context.reading() as session:
        workers = [_worker(row, now) for row in session.execute(sa.select(heartbeats))]
        waiting, oldest = session.execute(
            sa.select(sa.func.count(), sa.func.min(outbox.c.created_at)).where(outbox.c.sent_at.is_(None))
        ).one()
        by_state = session.execute(
            sa.select(failures_table.c.state, sa.func.count()).group_by(failures_table.c.state)
        ).all()
        removed = {row.what: row.before.isoformat() for row in session.execute(sa.select(forgotten))}
    alive = [worker for worker in workers if worker["fresh"]]
    depths = [worker["queue_depth"] for worker in alive if worker["queue_depth"] is not None]
    states = (*keeping.OPEN, keeping.DISCARDED)
    return {
        "service": context.name,
        "ready": any(worker["ready"] for worker in alive),
        "workers": workers,
        "queue_depth": max(depths, default=None),
        "outbox_waiting": waiting,
        "outbox_age_s": round((now - oldest).total_seconds(), 3) if oldest else 0,
        "failures": dict.fromkeys(states, 0) | dict(by_state),
        "kept_since": {"outbox": None, "inbox": None} | removed,
    }


def _worker(row: Any, now: datetime) -> dict[str, Any]:
    fresh = is_fresh(row.seen_at, now)
    return {
        "worker": row.worker,
        "fresh": fresh,
        "ready": row.ready and fresh,
        "seen_at": row.seen_at.isoformat(),
        "started_at": row.started_at.isoformat(),
        **{name: row.detail.get(name) for name in ("consuming", "relaying", "standby", "queue_depth", "trouble")},
    }


_LISTED = ("id", "event_id", "type", "subject", "source", "state", "attempts", "error_type", "message", "group", "note")
_TIMES = ("next_attempt_at", "first_at", "last_at")


def failures(
    context: Context, state: str | None = None, group: str | None = None, limit: int = 200
) -> list[dict[str, Any]]:
    """The failures, the newest first; with `state` or `group` only those."""
    query = sa.select(failures_table).order_by(failures_table.c.id.desc()).limit(limit)
    if state:
        query = query.where(failures_table.c.state == state)
    if group:
        query = query.where(failures_table.c.group == group)
    with context.reading() as session:
        return [_listed(row) for row in session.execute(query)]


def failure(context: Context, id: int) -> dict[str, Any] | None:
    """One failure whole, its payload masked, with what operators did to it and may do; None where there is none."""
    with context.reading() as session:
        row = session.execute(sa.select(failures_table).where(failures_table.c.id == id)).one_or_none()
        if row is None:
            return None
        actions = session.execute(
            sa.select(operator_actions)
            .where(operator_actions.c.event_id == row.event_id)
            .order_by(operator_actions.c.id)
        ).all()
    return _listed(row) | {
        "headers": _plain_headers(row.headers),
        "traceback": row.traceback,
        "payload": masked(row.body),
        "actions": [{"at": a.at.isoformat(), "who": a.who, "action": a.action, "why": a.why} for a in actions],
        "possible": [action for action in _POSSIBLE if _reason_against(context, row, action) is None],
    }


def _reason_against(context: Context, row: Any, action: str) -> str | None:
    """Why this can't be done with the failure; None where it can."""
    if row.state not in _POSSIBLE[action]:
        return f"a failure that is {row.state} can't take: {action}"
    if action == "discard" and row.type in context.erasing and row.error_type not in _NOT_MEANT:
        return "an event that erases somebody can't be discarded: mend the cause and retry it"
    return None


def _listed(row: Any) -> dict[str, Any]:
    times = {name: getattr(row, name) and getattr(row, name).isoformat() for name in _TIMES}
    return {name: getattr(row, name) for name in _LISTED} | times


def masked(body: bytes) -> str:
    """A payload for eyes that may see no personal data: of the envelope what is ours, and the data masked."""
    try:
        told = json.loads(body)
    except ValueError:
        return f"{len(body)} bytes, not JSON"
    if not isinstance(told, dict) or not isinstance(told.get("data"), dict):
        return f"{len(body)} bytes, no envelope"
    data = {name: value if name in PLAIN_FIELDS else MASK for name, value in told["data"].items()}
    envelope = {name: value if name in ATTRIBUTES else MASK for name, value in told.items()}
    return json.dumps(envelope | {"data": data}, ensure_ascii=False, indent=2)


def _plain_headers(headers: dict[str, str]) -> dict[str, str]:
    """What the broker itself noted; whoever else wrote something may have written anything."""
    return {name: value if name.startswith("x-") else MASK for name, value in headers.items()}


def retry(context: Context, id: int, *, who: str, why: str) -> dict[str, Any]:
    """Has the failure tried again at once by the worker. Raises NotPossible, LookupError."""
    return _act(context, id, "retry", who, why, _again)


def edit(context: Context, id: int, body: bytes, *, who: str, why: str) -> dict[str, Any]:
    """Gives the failure another body, and has it tried again. Raises NotPossible, LookupError."""
    return _act(context, id, "edit", who, why, lambda now: _again(now) | {"body": body})


def discard(context: Context, id: int, *, who: str, why: str) -> dict[str, Any]:
    """Decides that the event shall not be handled; what waited behind it goes on. Raises NotPossible, LookupError."""
    dropped = {"state": keeping.DISCARDED, "next_attempt_at": None}
    return _act(context, id, "discard", who, why, lambda _now: dropped)


def _again(now: datetime) -> dict[str, Any]:
    return {"state": keeping.RETRYING, "next_attempt_at": now}


def _act(
    context: Context, id: int, action: str, who: str, why: str, change: Callable[[datetime], dict[str, Any]]
) -> dict[str, Any]:
    """One commit: the new state, and who wanted it and why."""
    now = context.clock.now()
    with context.store.writing() as session:
        row = _locked(session, id)
        if reason := _reason_against(context, row, action):
            raise NotPossible(reason)
        values = change(now) | {"last_at": now, "note": why}
        session.execute(sa.update(failures_table).where(failures_table.c.id == id).values(values))
        done = {"at": now, "who": who, "action": action, "event_id": row.event_id, "why": why}
        session.execute(sa.insert(operator_actions).values(done))
    return {"id": id, "state": values["state"]}


def _locked(session: Session, id: int) -> Any:
    row = session.execute(sa.select(failures_table).where(failures_table.c.id == id).with_for_update()).one_or_none()
    if row is None:
        raise LookupError(f"there is no failure {id}")
    return row


def trace(context: Context, reference: str) -> dict[str, Any]:
    """This service's part of a subject's way.

    `{service, sent: [{event_id, type, committed_at, relayed_at, correlationid, causationid}],
    handled: [{event_id, type, source, received_at, handled_at, duration_ms, attempt, result}]}`
    where `result` is handled, or the state of the failure with its `error`.
    """
    with context.reading() as session:
        sent = session.execute(sa.select(outbox).where(outbox.c.subject == reference).order_by(outbox.c.seq)).all()
        handled = session.execute(
            sa.select(inbox).where(inbox.c.subject == reference).order_by(inbox.c.received_at)
        ).all()
        failed = session.execute(
            sa.select(failures_table).where(failures_table.c.subject == reference).order_by(failures_table.c.id)
        ).all()
    return {
        "service": context.name,
        "sent": [_sent(row) for row in sent],
        "handled": [_handled(row) for row in handled] + [_failed(row) for row in failed],
    }


def _sent(row: Any) -> dict[str, Any]:
    envelope = json.loads(row.body)
    return {
        "event_id": row.event_id,
        "type": row.type,
        "committed_at": row.created_at.isoformat(),
        "relayed_at": row.sent_at and row.sent_at.isoformat(),
        "correlationid": envelope.get("correlationid"),
        "causationid": envelope.get("causationid"),
    }


def _handled(row: Any) -> dict[str, Any]:
    return {
        "event_id": row.event_id,
        "type": row.type,
        "source": row.source,
        "received_at": row.received_at.isoformat(),
        "handled_at": row.handled_at and row.handled_at.isoformat(),
        "duration_ms": row.duration_ms and round(row.duration_ms, 2),
        "attempt": row.attempt,
        "result": "handled",
    }


def _failed(row: Any) -> dict[str, Any]:
    return {
        "event_id": row.event_id,
        "type": row.type,
        "source": row.source,
        "received_at": row.first_at.isoformat(),
        "handled_at": None,
        "duration_ms": None,
        "attempt": row.attempts,
        "result": row.state,
        "error": row.error_type,
    }
