"""Faults of whoever consumes: the acknowledgement, the inbox, and what can't be handled."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from chassis import consumer, failures
from chassis.consumer import Consumer
from chassis.loops import ConsumerLoop
from chassis.message import Message
from tests.simulation.broker import SimulatedInlet
from tests.simulation.faults.planted import fault


@fault("lost", "order", within=40)
def acknowledges_before_it_commits(patch: pytest.MonkeyPatch) -> None:
    """A batch is acknowledged first and handled then."""
    take = ConsumerLoop._take

    def take_acknowledged(self: ConsumerLoop, inlet: Any, batch: Any) -> bool:
        inlet.acknowledge(batch)
        return take(self, inlet, batch)

    patch.setattr(ConsumerLoop, "_take", take_acknowledged)


@fault("twice", within=40)
def has_no_inbox(patch: pytest.MonkeyPatch) -> None:
    """Whatever comes is handled, whether it has come before or not."""
    patch.setattr(consumer, "claim", lambda session, table, rows, key: {row["event_id"] for row in rows})


@fault("inbox", "lost", "order", within=40)
def swallows_what_handlers_raise(patch: pytest.MonkeyPatch) -> None:
    """An error in a handler is passed over, and the rest of the batch committed with the event noted as handled."""
    run = Consumer._run

    def run_on(self: Consumer, unit: Any, messages: Sequence[Message]) -> None:
        for message in messages:
            with suppress(Exception):
                run(self, unit, [message])

    patch.setattr(Consumer, "_run", run_on)


@fault("inbox", "lost", "order", "twice", within=40)
def commits_in_the_middle_of_a_batch(patch: pytest.MonkeyPatch) -> None:
    """Each handler commits for itself, and with its effects the claims of those behind it."""
    run = Consumer._run

    def run_and_commit(self: Consumer, unit: Any, messages: Sequence[Message]) -> None:
        for message in messages:
            run(self, unit, [message])
            unit.session.flush()
            unit.session.connection().connection.commit()

    patch.setattr(Consumer, "_run", run_and_commit)


@fault("lost", "order", within=40)
def keeps_no_failure(patch: pytest.MonkeyPatch) -> None:
    """What could not be handled is acknowledged and gone, as it is with a stock event handler."""
    patch.setattr(Consumer, "_keep", lambda self, message, error: None)


@fault("order", within=40, after=7)
def lets_others_pass_what_failed(patch: pytest.MonkeyPatch) -> None:
    """Later events of a referral are handled though an earlier one has failed."""
    known = failures.known
    patch.setattr(failures, "known", lambda *told: replace(known(*told), subjects=frozenset()))


@fault("order", within=60, after=7)
def retries_out_of_turn(patch: pytest.MonkeyPatch) -> None:
    """What waits behind a failure is tried as soon as anything is: a retry loses its place."""
    open = (failures.RETRYING, failures.WAITING)
    due = sa.select(failures.failures.c.id).where(failures.failures.c.state.in_(open))
    patch.setattr(failures, "due", lambda session, now: list(session.scalars(due)))
    patch.setattr(
        failures, "may_be_tried", lambda session, row, overtakes: row.state in (failures.RETRYING, failures.WAITING)
    )


@fault("order", within=80, after=10)
def consumes_twice_at_a_time(patch: pytest.MonkeyPatch) -> None:
    """The queue has no single active consumer: each worker is given some."""
    patch.setattr(SimulatedInlet, "is_active", True)
