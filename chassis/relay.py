"""The sending half of the promise: every row of the outbox reaches the broker, in order for each subject.

Free of broker and framework: it publishes into an outlet and stamps what the outlet says has been taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Protocol

import sqlalchemy as sa
import structlog

from chassis import faults
from chassis.context import Context
from chassis.rows import among, any_of, is_postgresql
from chassis.store import outbox

log = structlog.get_logger(__name__)

WINDOW = 500  #: rows in flight at most
HOLD = timedelta(seconds=5)  #: pause of a subject whose event was refused


class BrokerUnreachable(RuntimeError):
    """The broker does not answer, or the connection is not to be trusted any more."""


_NEEDED = ("seq", "event_id", "type", "subject", "body")


@dataclass(frozen=True)
class Outgoing:
    event_id: str
    type: str
    body: bytes


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
    seq: int
    subject: str


class Relay:
    """Sends one store's outbox. Only one may be active for a store at a time."""

    def __init__(self, context: Context, outlet: Outlet, window: int = WINDOW) -> None:
        self.context = context
        self._outlet = outlet
        self._window = window
        self._in_flight: dict[str, _InFlight] = {}
        self._held: dict[str, datetime] = {}

    @property
    def in_flight(self) -> int:
        return len(self._in_flight)

    def reset(self) -> None:
        """After a broken connection: nobody knows what arrived, so all that is not stamped is sent again."""
        self._in_flight.clear()

    def publish_due(self) -> int:
        """Publishes what may go out now; returns how many."""
        room = self._window - len(self._in_flight)
        rows = self._sendable(room) if room > 0 else []
        if rows:
            faults.at(self.context.name, "relay.before_publish")
            for row in rows:
                self._in_flight[row.event_id] = _InFlight(row.seq, row.subject)
            self._outlet.publish([Outgoing(row.event_id, row.type, row.body) for row in rows])
            faults.at(self.context.name, "relay.after_publish")
        return len(rows)

    def stamp(self, timeout: float = 0) -> int:
        """Stamps what has been taken; returns how many. What was refused holds its subject for a while."""
        outcomes = [o for o in self._outlet.outcomes(timeout) if o.event_id in self._in_flight]
        if not outcomes:
            return 0
        faults.at(self.context.name, "relay.after_confirm")
        landed = {o.event_id: self._in_flight[o.event_id] for o in outcomes}
        self._write([landed[o.event_id].seq for o in outcomes if not o.refused], outcomes, landed)
        for event_id in landed:
            del self._in_flight[event_id]
        faults.at(self.context.name, "relay.after_stamp")
        return len(outcomes)

    def _write(self, taken: list[int], outcomes: list[Outcome], landed: dict[str, _InFlight]) -> None:
        now = self.context.clock.now()
        with self.context.store.writing() as session:
            if taken:
                again = outbox.c.attempts + 1
                sent = sa.update(outbox).where(among(session, outbox.c.seq, taken)).values(sent_at=now, attempts=again)
                session.execute(sent)
            for outcome in outcomes:
                if outcome.refused:
                    seq = landed[outcome.event_id].seq
                    values = {"attempts": outbox.c.attempts + 1, "last_error": outcome.refused}
                    session.execute(sa.update(outbox).where(outbox.c.seq == seq).values(values))
                    self._held[landed[outcome.event_id].subject] = now + HOLD
                    log.warning("refused", event_id=outcome.event_id, cause=outcome.refused)

    def _sendable(self, limit: int) -> Sequence[Any]:
        """The oldest unsent row of each subject, but for those in flight and those held.

        Of one subject one at a time: whatever the broker says of it, no other has overtaken it. Which is the oldest is
        not asked of the store: one that does not know yet how many rows wait would look through all of them for each.
        """
        now = self.context.clock.now()
        self._held = {subject: until for subject, until in self._held.items() if until > now}
        # by subject, not "greater than the last number": a lower one may be committed later
        busy = [*self._held, *(flight.subject for flight in self._in_flight.values())]
        oldest: dict[str, Any] = {}
        with self.context.reading() as session:
            for row in session.execute(_unsent(is_postgresql(session)), {"busy": busy, "limit": limit}):
                oldest.setdefault(row.subject, row)
        return list(oldest.values())


@cache
def _unsent(on_postgresql: bool) -> sa.Select[Any]:
    query = sa.select(*(outbox.c[name] for name in _NEEDED)).where(outbox.c.sent_at.is_(None))
    query = query.where(~any_of(outbox.c.subject, "busy", on_postgresql))
    return query.order_by(outbox.c.seq).limit(sa.bindparam("limit"))
