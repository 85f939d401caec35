"""Faults of whoever sends: the commit with the state, the confirm, and the order."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from chassis import faults, relay
from chassis.context import Context
from chassis.relay import Relay
from chassis.store import outbox
from chassis.unit import UnitOfWork
from tests.simulation.broker import SimulatedBroker
from tests.simulation.faults.planted import fault


@fault("agreement", "told", "timeline", "waves", within=100)
def tells_after_the_commit(patch: pytest.MonkeyPatch) -> None:
    """State and event are two commits; a process may die between them."""

    @contextmanager
    def unit(self: Context) -> Iterator[Any]:
        with self.store.writing() as session:
            unit = self.unit_class(self, session)
            with unit.explaining():
                yield unit
                told, unit._emitted = unit._emitted, []
                unit.finish()
            faults.at(self.name, "unit.before_commit")
        faults.at(self.name, "unit.after_commit")
        with self.store.writing() as unit.session:
            unit._emitted, unit._at_the_end = told, []
            UnitOfWork.finish(unit)
        if self.wake_relay:
            self.wake_relay()

    patch.setattr(Context, "unit", unit)


@fault("lost", "order", within=40, after=4)
def stamps_before_the_confirm(patch: pytest.MonkeyPatch) -> None:
    """A row counts as sent as soon as it was published."""
    publish_due = Relay.publish_due

    def publish_and_stamp(self: Relay) -> int:
        count = publish_due(self)
        if self._in_flight:
            self._write([seq for flight in self._in_flight.values() for seq in flight.seqs])
            self._in_flight.clear()
        return count

    patch.setattr(Relay, "publish_due", publish_and_stamp)


@fault("lost", "order", within=40, after=4)
def does_not_ask_what_came_back(patch: pytest.MonkeyPatch) -> None:
    """Publishing is not mandatory: what nobody is bound to, or a queue refuses, is confirmed all the same."""
    route = SimulatedBroker.route
    patch.setattr(SimulatedBroker, "route", lambda self, message: route(self, message) and None)


@fault("rest", "order", within=40)
def goes_on_from_the_last_number(patch: pytest.MonkeyPatch) -> None:
    """The relay asks for what follows the last it has sent, not for what is not sent."""
    sendable = Relay._sendable

    def following(self: Relay, limit: int) -> Sequence[Any]:
        last = vars(self).setdefault("last", 0)
        rows = [row for row in sendable(self, limit) if row.seq > last]
        vars(self)["last"] = max([last, *(row.seq for row in rows)])
        return rows

    patch.setattr(Relay, "_sendable", following)


@fault("order", "rest", within=40)
def sends_a_referrals_events_together(patch: pytest.MonkeyPatch) -> None:
    """All of a referral's events are in flight together, also where one may be refused and another not."""

    def unsent(self: Relay, limit: int) -> Sequence[Any]:
        query = sa.select(outbox).where(outbox.c.sent_at.is_(None), outbox.c.subject.not_in(list(self._held)))
        flying = [*self._taken, *(seq for flight in self._in_flight.values() for seq in flight.seqs)]
        with self.context.reading() as session:
            return session.execute(query.where(outbox.c.seq.not_in(flying)).order_by(outbox.c.seq).limit(limit)).all()

    patch.setattr(Relay, "_sendable", unsent)
    patch.setattr(relay, "_runs", lambda rows: [[row] for row in rows])
