"""The consuming half of the promise: effects, the events they cause and the note of handling are one commit.

Free of broker and framework: it takes deliveries and returns when all of them may be acknowledged.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.orm import Session

from chassis import failures, faults
from chassis.cleanup import refuse_forgotten
from chassis.context import Context
from chassis.message import Delivery, Message, read, read_all
from chassis.rows import UPDATE, Write, claim
from chassis.store import StoreUnreachable, inbox, is_transient, is_unreachable
from chassis.unit import UnitOfWork

log = structlog.get_logger(__name__)

Handler = Callable[[Any, Any], None]  #: (unit, event)
Prepare = Callable[[Any, Sequence[Any]], None]  #: (unit, events): loads what a batch needs at once


@dataclass(frozen=True)
class Subscription:
    """Which events a service takes, and what it does with each."""

    event_class: Any
    handle: Handler


class Consumer:
    """Takes batches for one service."""

    def __init__(self, context: Context, subscriptions: Sequence[Subscription], prepare: Prepare | None = None) -> None:
        self.context = context
        self._handlers: Mapping[str, Handler] = {s.event_class.TYPE: s.handle for s in subscriptions}
        self._events = {s.event_class.TYPE: s.event_class for s in subscriptions}
        self._prepare = prepare or (lambda unit, events: None)
        self._unproven: set[int] = set()  #: failures whose last trial the store cut short

    @property
    def types(self) -> list[str]:
        """The event types to be bound to the service's queue."""
        return sorted(self._handlers)

    def take(self, deliveries: Sequence[Delivery]) -> None:
        """Handles deliveries in order, each exactly once; what fails is kept in the store.

        After it returns all of them may be acknowledged. Raises StoreUnreachable: then none may.
        """
        messages = read_all(deliveries, self._events)
        if any(delivery.suspect for delivery in deliveries):
            return self._take_warily(messages)
        try:
            self._handle(messages)
        except Exception as error:
            _unless_unreachable(error)
            for message in messages:
                self._handle_alone(message)

    def _take_warily(self, messages: Sequence[Message]) -> None:
        """The worker may die of one of these: each is noted before it is tried, so that it is found and put aside.

        The broker's own count can't say which: it counts for every message that a dying worker held.
        """
        for message in messages:
            id = self._note_trial(message)
            if id is not None:
                self._try(id, 1)

    def _note_trial(self, message: Message) -> int | None:
        try:
            with self.context.unit() as unit:
                if not self._set_aside(unit, [message]):
                    return None
                return failures.record_trial(self.context.store, unit.session, message, unit.now)
        except Exception as trouble:
            raise StoreUnreachable("a trial could not be noted") from trouble

    def _handle_alone(self, message: Message) -> None:
        for attempt in range(1, failures.IMMEDIATE_ATTEMPTS + 1):
            try:
                return self._handle([message])
            except Exception as error:
                _unless_unreachable(error)
                if not is_transient(error) or attempt == failures.IMMEDIATE_ATTEMPTS:
                    return self._keep(message, error)

    def _handle(self, messages: Sequence[Message]) -> None:
        """All of `messages` in one transaction."""
        started, received_at = time.perf_counter(), self.context.clock.now()
        with self.context.unit() as unit:
            fresh = self._set_aside(unit, messages)
            faults.at(self.context.name, "consumer.before_claim")
            mine = self._claim(unit.session, fresh, received_at)
            self._run(unit, mine)
            faults.at(self.context.name, "consumer.before_commit")
            self._note(unit, mine, started)
        faults.at(self.context.name, "consumer.after_commit")
        _log_handled(mine, 1, started)

    def _set_aside(self, unit: UnitOfWork, messages: Sequence[Message]) -> list[Message]:
        """Keeps what can't be read and what must wait; returns the rest, each event once."""
        known = failures.known(unit.session, messages)
        held, seen = set(known.subjects), set(known.event_ids)
        gone: set[str | None] = set(known.erased)
        fresh: list[Message] = []
        waiting: list[Message] = []
        for message in messages:
            if message.event_id in seen or message.subject in gone:
                continue
            seen.add(message.event_id)
            if message.erases:
                fresh.append(message)  # waits behind nothing: what it would wait for is what has to go
                gone.add(message.subject)
            elif message.error:
                failures.record(self.context.store, unit.session, message, message.error, 1, unit.now)
                _log_failed(message, message.error, failures.PARKED, 1)
                if message.holds_subject and message.subject:
                    held.add(message.subject)
            elif message.subject in held:
                waiting.append(message)
            else:
                fresh.append(message)
        failures.record_waiting(self.context.store, unit.session, waiting, unit.now)
        return fresh

    def _claim(self, session: Session, messages: Sequence[Message], at: datetime, attempt: int = 1) -> list[Message]:
        """Enters the messages in the inbox; returns those that were not in it. A unique insert, before any effect."""
        if not messages:
            return []
        rows = [_inbox_row(message, at, attempt) for message in messages]
        claimed = claim(session, inbox, rows, inbox.c.event_id)
        mine = [message for message in messages if message.event_id in claimed]
        if attempt == 1:  # a later one is somebody's wish
            refuse_forgotten(session, mine, at)
        return mine

    def _run(self, unit: UnitOfWork, messages: Sequence[Message]) -> None:
        if not messages:
            return
        self._prepare(unit, [message.event for message in messages])
        for message in messages:
            unit.cause = message.envelope
            if message.erases:
                unit.erase(str(message.subject))
            self._handlers[str(message.type)](unit, message.event)

    def _note(self, unit: UnitOfWork, messages: Sequence[Message], started: float) -> None:
        """Notes when the handling ended; the whole batch shares its time."""
        done = {"handled_at": self.context.clock.now(), "duration_ms": (time.perf_counter() - started) * 1000}
        unit.write_at_the_end(Write(UPDATE, inbox, [{"event_id": message.event_id} | done for message in messages]))

    def _keep(self, message: Message, error: Exception) -> None:
        """Commits the failure; what comes later of the same subject waits behind it."""
        try:
            with self.context.unit() as unit:
                state = failures.record(self.context.store, unit.session, message, error, 1, unit.now)
        except Exception as trouble:
            raise StoreUnreachable("a failure could not be recorded") from trouble
        _log_failed(message, error, state, 1)

    def retry_due(self) -> int:
        """Tries again what is due, in order; returns how many were handled. Raises StoreUnreachable."""
        try:
            with self.context.reading() as session:
                ids = failures.due(session, self.context.clock.now())
            return sum(self._try_again(id) for id in ids)
        except Exception as error:
            _unless_unreachable(error)
            raise

    def _try_again(self, id: int) -> bool:
        attempts = self._begin_trial(id)
        return attempts is not None and self._try(id, attempts)

    def _begin_trial(self, id: int) -> int | None:
        """Notes the next attempt before it is made; returns its number, None where none may be made."""
        try:
            with self.context.unit() as unit:
                row = failures.locked(unit.session, id)
                if row is None or not failures.may_be_tried(unit.session, row, overtakes=self._erases(row.type)):
                    return None
                failures.begin_trial(unit.session, row, unit.now, died_before=id not in self._unproven)
                return int(row.attempts) + 1
        except Exception as error:
            _unless_unreachable(error)
            if not is_transient(error):
                raise
            return None  # somebody is in the way: at the next look

    def _erases(self, type: str | None) -> bool:
        """What erases its subject waits for nothing of it."""
        return bool(getattr(self._events.get(type or ""), "ERASES", False))

    def _try(self, id: int, attempts: int) -> bool:
        """Handles a kept message whose trial is noted. An operator may be faster: then it is left alone."""
        started, message = time.perf_counter(), None
        try:
            with self.context.unit() as unit:
                row = failures.locked(unit.session, id)
                if row is None or row.state == failures.DISCARDED or row.attempts != attempts:
                    return False
                message = read(Delivery(row.body, row.headers), self._events)
                if message.error:
                    raise message.error
                mine = self._claim(unit.session, [message], unit.now, attempts)
                self._run(unit, mine)
                self._note(unit, mine, started)
                failures.forget(unit.session, id)
        except Exception as error:
            if is_unreachable(error) or message is None:
                self._unproven.add(id)  # nobody died of it
            _unless_unreachable(error)
            if message is not None:
                self._failed_again(id, message, error, attempts)
            return False
        self._unproven.discard(id)
        _log_handled([message], attempts, started)
        return True

    def _failed_again(self, id: int, message: Message, error: Exception, attempts: int) -> None:
        try:
            with self.context.unit() as unit:
                state = failures.fail_again(unit.session, id, error, attempts, unit.now)
        except Exception as trouble:
            raise StoreUnreachable("a failure could not be recorded") from trouble
        _log_failed(message, error, state, attempts)


def _unless_unreachable(error: Exception) -> None:
    if is_unreachable(error):
        raise StoreUnreachable(failures.safe_message(error)) from error


def _inbox_row(message: Message, at: datetime, attempt: int) -> dict[str, Any]:
    return {
        "event_id": message.event_id,
        "type": message.type,
        "subject": message.subject,
        "source": message.source,
        "received_at": at,
        "attempt": attempt,
    }


def _told(message: Message) -> dict[str, Any]:
    correlation = message.envelope.correlationid if message.envelope else None
    return {"event_id": message.event_id, "type": message.type, "subject": message.subject, "correlation": correlation}


def _log_handled(messages: Sequence[Message], attempt: int, started: float) -> None:
    """One line a transaction."""
    ms = round((time.perf_counter() - started) * 1000, 1)
    log.info("handled", attempt=attempt, ms=ms, count=len(messages), events=[_told(message) for message in messages])


def _log_failed(message: Message, error: BaseException, state: str, attempt: int) -> None:
    log.warning("failed", **_told(message), attempt=attempt, state=state, error=type(error).__name__)
