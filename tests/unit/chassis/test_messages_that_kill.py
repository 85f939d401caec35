"""A message that the worker dies of: it is found among the innocent, put aside, and keeps its place."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis import operations
from chassis.consumer import Consumer
from chassis.message import Delivery
from chassis.store import StoreUnreachable, outbox
from chassis.testing import Crash, FrozenClock
from tests.migrated import bring_up
from tests.toy import Troubles, deeds_of, make_context, ping, pong_room

A, B = "ISA-2026-000001", "ISA-2026-000002"


class Queue:
    """What ping has told, delivered to pong's worker again and again."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.troubles = FrozenClock(), Troubles()
        self.ping = make_context("ping", folder, clock=self.clock)
        self.pong = make_context("pong", folder, clock=self.clock)
        for context in (self.ping, self.pong):
            bring_up(context.store)

    def worker(self) -> Consumer:
        room = pong_room(self.pong, self.troubles)
        return Consumer(self.pong, room.subscriptions)

    def deliver(self, *, suspect: bool) -> Consumer:
        """Everything in one batch to a new worker; raises Crash where it dies."""
        with self.ping.reading() as session:
            bodies = session.scalars(sa.select(outbox.c.body).order_by(outbox.c.seq)).all()
        worker = self.worker()
        worker.take([Delivery(body, {}, tag, suspect=suspect) for tag, body in enumerate(bodies)])
        return worker

    def failures(self) -> list[tuple[str, Any, int]]:
        return [(f["state"], f["error_type"], f["attempts"]) for f in reversed(operations.failures(self.pong))]


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Queue]:
    queue = Queue(tmp_path)
    yield queue
    queue.ping.store.dispose()
    queue.pong.store.dispose()


def test_the_guilty_one_is_found_among_the_innocent_and_its_followers_wait(queue: Queue) -> None:
    queue.troubles.plan(2, *[Crash("dead")] * 99)
    ping(queue.ping, B, 1)
    ping(queue.ping, A, 2, 3)
    with pytest.raises(Crash):
        queue.deliver(suspect=True)
    queue.deliver(suspect=True)
    assert deeds_of(queue.pong) == ["ping 1"]
    assert queue.failures() == [("retrying", "KilledTheWorker", 1), ("waiting", None, 0)]


def test_one_that_kills_again_is_parked_and_does_not_kill_a_third_time(queue: Queue) -> None:
    queue.troubles.plan(1, *[Crash("dead")] * 99)
    ping(queue.ping, A, 1)
    with pytest.raises(Crash):
        queue.deliver(suspect=True)
    queue.clock.move(seconds=5)
    with pytest.raises(Crash):
        queue.worker().retry_due()
    queue.clock.move(days=1)
    assert queue.worker().retry_due() == 0
    assert queue.failures() == [("parked", "KilledTheWorker", 2)]


def test_an_innocent_suspect_is_handled_and_leaves_nothing_behind(queue: Queue) -> None:
    ping(queue.ping, A, 1, 2)
    queue.deliver(suspect=True)
    queue.deliver(suspect=True)
    assert deeds_of(queue.pong) == ["ping 1", "ping 2"]
    assert queue.failures() == []


def test_a_suspect_that_fails_in_an_ordinary_way_is_kept_as_any_other(queue: Queue) -> None:
    queue.troubles.plan(1, ValueError("one"))
    ping(queue.ping, A, 1, 2)
    worker = queue.deliver(suspect=True)
    assert queue.failures() == [("retrying", "ValueError", 1), ("waiting", None, 0)]
    queue.clock.move(seconds=5)
    worker.retry_due()
    worker.retry_due()
    assert deeds_of(queue.pong) == ["ping 1", "ping 2"]


def test_a_retry_that_kills_the_worker_does_not_kill_it_for_ever(queue: Queue) -> None:
    queue.troubles.plan(1, ValueError("at first"), ValueError("alone"), *[Crash("dead")] * 99)
    ping(queue.ping, A, 1)
    queue.deliver(suspect=False)
    for pause in (5, 30):
        queue.clock.move(seconds=pause)
        with pytest.raises(Crash):
            queue.worker().retry_due()
    queue.clock.move(days=1)
    assert queue.worker().retry_due() == 0
    assert queue.failures() == [("parked", "KilledTheWorker", 3)]


def test_a_trial_cut_short_by_the_store_accuses_nobody(queue: Queue) -> None:
    queue.troubles.plan(1, ValueError("at first"), ValueError("alone"), *[StoreUnreachable("gone")] * 3)
    ping(queue.ping, A, 1)
    worker = queue.deliver(suspect=False)
    for pause in (5, 30, 120):
        queue.clock.move(seconds=pause)
        with pytest.raises(StoreUnreachable):
            worker.retry_due()
    queue.clock.move(seconds=600)
    worker.retry_due()
    assert deeds_of(queue.pong) == ["ping 1"]
    assert queue.failures() == []
