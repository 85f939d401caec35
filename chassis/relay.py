"""The sending half of the promise: every row of the outbox reaches the broker, in order for each subject.

Free of broker and framework: it publishes into an outlet and stamps what the outlet says has been taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import sqlalchemy as sa
import structlog

from chassis import faults
from chassis.context import Context
from chassis.rows import among
from chassis.store import outbox

log = structlog.get_logger(__name__)

WINDOW = 500  #: rows in flight at most
HOLD = timedelta(seconds=5)  #: pause of a subject whose event was refused


class BrokerUnreachable(RuntimeError):
    """The broker does not answer, or the connection is not to be trusted any more."""


_NEEDED = ("seq", "event_id", "type", "subject", "body", "last_error")


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
    company: str


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
        rows = self._sendable(self._unsent(room)) if room > 0 else []
        if rows:
            faults.at(self.context.name, "relay.before_publish")
            for row in rows:
                self._in_flight[row.event_id] = _InFlight(row.seq, row.subject, _company(row))
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

    def _unsent(self, limit: int) -> Sequence[Any]:
        now = self.context.clock.now()
        self._held = {subject: until for subject, until in self._held.items() if until > now}
        query = sa.select(*(outbox.c[name] for name in _NEEDED))
        query = query.where(outbox.c.sent_at.is_(None)).order_by(outbox.c.seq).limit(limit)
        if self._in_flight:
            # by number, not "greater than the last": a lower one may be committed later
            query = query.where(outbox.c.seq.not_in([flight.seq for flight in self._in_flight.values()]))
        if self._held:
            query = query.where(outbox.c.subject.not_in(list(self._held)))
        with self.context.reading() as session:
            return session.execute(query).all()

    def _sendable(self, rows: Sequence[Any]) -> list[Any]:
        """Rows that can't overtake another of their subject.

        Of one subject only events of one type are in flight together: they take the same way, so that
        either all of them are refused for want of a subscriber or none is. One that was refused goes alone.
        """
        company = {flight.subject: flight.company for flight in self._in_flight.values()}
        blocked: set[str] = set()
        sendable = []
        for row in rows:
            if row.subject in blocked or company.setdefault(row.subject, _company(row)) != _company(row):
                blocked.add(row.subject)
            else:
                sendable.append(row)
        return sendable


def _company(row: Any) -> str:
    """What a row may be in flight together with: its type; only itself, once it was refused."""
    return str(row.event_id if row.last_error else row.type)
