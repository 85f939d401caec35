"""The sending half of the promise: every row of the outbox reaches the broker, in order for each subject.

Free of broker and framework: it publishes into an outlet and stamps what the outlet says has been taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import takewhile
from typing import Any, Protocol

import sqlalchemy as sa
import structlog

from chassis import faults
from chassis.context import Context
from chassis.envelope import BATCH_CONTENT_TYPE, CONTENT_TYPE, together
from chassis.rows import any_of
from chassis.store import outbox

log = structlog.get_logger(__name__)

WINDOW = 500  #: rows in flight at most
HOLD = timedelta(seconds=5)  #: pause of a subject whose event was refused


class BrokerUnreachable(RuntimeError):
    """The broker does not answer, or the connection is not to be trusted any more."""


_NEEDED = ("seq", "event_id", "type", "subject", "body")


@dataclass(frozen=True)
class Outgoing:
    """A message: an event, or several of one subject and type that follow each other (`chassis.envelope.together`)."""

    event_id: str  #: of the first
    type: str
    body: bytes
    content_type: str = CONTENT_TYPE


@dataclass(frozen=True)
class Outcome:
    """What became of one publishing: taken, or refused with a cause."""

    event_id: str
    refused: str | None = None


class Outlet(Protocol):
    """Where events go out. Both methods raise BrokerUnreachable."""

    def publish(self, messages: Sequence[Outgoing]) -> None:
        """Sends messages in order, without waiting for what becomes of them."""

    def outcomes(self, timeout: float) -> list[Outcome]:
        """What became known since the last call; waits up to `timeout` seconds where nothing has."""

    def close(self) -> None: ...


@dataclass(frozen=True)
class _InFlight:
    seqs: list[int]
    subject: str


class Relay:
    """Sends one store's outbox. Only one may be active for a store at a time.

    A turn is `hear`, `publish_due`, `stamp`: what follows a confirmed event goes out before the stamp is written,
    which takes as long as a disk does.
    """

    def __init__(self, context: Context, outlet: Outlet, window: int = WINDOW) -> None:
        self.context = context
        self._outlet = outlet
        self._window = window
        self._in_flight: dict[str, _InFlight] = {}
        self._taken: list[int] = []  #: numbers of what the broker has and the store does not know of yet
        self._held: dict[str, datetime] = {}
        self._on_postgresql = not context.store.is_sqlite

    @property
    def in_flight(self) -> int:
        return len(self._in_flight)

    def hear(self, timeout: float = 0) -> None:
        """Takes in what the broker says; what it refused holds its subject for a while."""
        outcomes = [o for o in self._outlet.outcomes(timeout) if o.event_id in self._in_flight]
        if not outcomes:
            return
        faults.at(self.context.name, "relay.after_confirm")
        landed = [(self._in_flight.pop(outcome.event_id), outcome) for outcome in outcomes]
        self._taken += [seq for flight, outcome in landed if not outcome.refused for seq in flight.seqs]
        refused = [(flight, outcome) for flight, outcome in landed if outcome.refused]
        if refused:
            self._hold(refused)

    def publish_due(self) -> int:
        """Publishes what may go out now; returns how many events."""
        room = self._window - len(self._in_flight)
        runs = _runs(self._sendable(room)) if room > 0 else []
        if runs:
            faults.at(self.context.name, "relay.before_publish")
            self._outlet.publish([self._outgoing(run) for run in runs])
            faults.at(self.context.name, "relay.after_publish")
        return sum(map(len, runs))

    def _outgoing(self, run: Sequence[Any]) -> Outgoing:
        first = run[0]
        self._in_flight[first.event_id] = _InFlight([row.seq for row in run], first.subject)
        content_type = CONTENT_TYPE if len(run) == 1 else BATCH_CONTENT_TYPE
        return Outgoing(first.event_id, first.type, together([row.body for row in run]), content_type)

    def stamp(self) -> int:
        """Notes in the store what was taken; returns how many."""
        taken, self._taken = self._taken, []
        if taken:
            self._write(taken)
            faults.at(self.context.name, "relay.after_stamp")
        return len(taken)

    def _write(self, taken: list[int]) -> None:
        self.context.store.write(_sent(self._on_postgresql), {"taken": taken, "now": self.context.clock.now()})

    def _hold(self, refused: Sequence[tuple[_InFlight, Outcome]]) -> None:
        until = self.context.clock.now() + HOLD
        with self.context.store.writing() as session:
            for flight, outcome in refused:
                values = {"attempts": outbox.c.attempts + 1, "last_error": outcome.refused}
                session.execute(sa.update(outbox).where(outbox.c.seq.in_(flight.seqs)).values(values))
                self._held[flight.subject] = until
                log.warning("refused", event_id=outcome.event_id, cause=outcome.refused)

    def _sendable(self, limit: int) -> Sequence[Any]:
        """The oldest unsent rows, but for those of subjects that are held or have a message in flight."""
        now = self.context.clock.now()
        self._held = {subject: until for subject, until in self._held.items() if until > now}
        # by subject, not "greater than the last number": a lower one may be committed later
        busy = [*self._held, *(flight.subject for flight in self._in_flight.values())]
        told = {"busy": busy, "taken": self._taken, "limit": limit}
        return self.context.store.look(_unsent(self._on_postgresql), told)


def _runs(rows: Sequence[Any]) -> list[list[Any]]:
    """What goes out in a message each: of every subject its oldest, with what follows it and is of the same type.

    Of one subject one message at a time: whatever the broker says of it, no other has overtaken it. Which is the oldest
    is not asked of the store: one that does not know yet how many rows wait would look through all of them for each.
    """
    by_subject: dict[str, list[Any]] = {}
    for row in rows:
        by_subject.setdefault(row.subject, []).append(row)
    return [_of_one_type(run) for run in by_subject.values()]


def _of_one_type(rows: Sequence[Any]) -> list[Any]:
    return list(takewhile(lambda row: row.type == rows[0].type, rows))


@cache
def _unsent(on_postgresql: bool) -> sa.Select[Any]:
    query = sa.select(*(outbox.c[name] for name in _NEEDED)).where(outbox.c.sent_at.is_(None))
    query = query.where(~any_of(outbox.c.subject, "busy", on_postgresql), ~any_of(outbox.c.seq, "taken", on_postgresql))
    return query.order_by(outbox.c.seq).limit(sa.bindparam("limit"))


@cache
def _sent(on_postgresql: bool) -> sa.Update:
    taken = any_of(outbox.c.seq, "taken", on_postgresql)
    now = sa.bindparam("now", type_=outbox.c.sent_at.type)
    return sa.update(outbox).where(taken).values(sent_at=now, attempts=outbox.c.attempts + 1)
