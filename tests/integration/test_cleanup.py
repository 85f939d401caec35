"""Old rows of outbox and inbox: what goes, what stays, and what a copy meets that comes later than that."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from chassis import cleanup, loops, operations
from chassis.broker.memory import MemoryBroker
from chassis.clock import SystemClock
from chassis.consumer import Consumer
from chassis.context import Context
from chassis.message import Delivery
from chassis.settings import Settings
from chassis.store import inbox, outbox
from chassis.testing import FrozenClock, World
from chassis.vitals import Vitals
from chassis.worker import Machinery
from tests.migrated import bring_up
from tests.plans import plans
from tests.plant.server import PATIENCE
from tests.toy import deeds_of, make_context, ping, ping_room, pong_room
from tests.toy.service import PongService

A, B, C = "ISA-2026-000001", "ISA-2026-000002", "ISA-2026-000003"
OPERATOR = {"who": "operator", "why": "looked it up"}


class Toys:
    """Ping and pong, each on a store of its own; ping keeps what it sent for 30 days, pong what it handled for 400."""

    def __init__(self, contexts: dict[str, Context], clock: FrozenClock) -> None:
        self.ping, self.pong, self.clock = contexts["ping"], contexts["pong"], clock
        for context in contexts.values():
            bring_up(context.store)
        self.world = World([ping_room(self.ping), pong_room(self.pong)])

    def tell(self, reference: str, *numbers: int) -> list[Delivery]:
        """Ping tells, pong handles; returns copies of what ping told."""
        ping(self.ping, reference, *numbers)
        self.world.settle()
        return [Delivery(body) for body in _column(self.ping, outbox.c.body, outbox.c.subject == reference)]

    def come_again(self, copies: Sequence[Delivery], **how: Any) -> None:
        deliveries = [Delivery(copy.body, **how) for copy in copies]
        Consumer(self.pong, pong_room(self.pong).subscriptions).take(deliveries)

    def failures(self) -> list[tuple[str, str]]:
        return [(f["state"], f["error_type"]) for f in operations.failures(self.pong)]

    def retry(self) -> None:
        """An operator has the only failure tried again."""
        (failure,) = operations.failures(self.pong)
        operations.retry(self.pong, failure["id"], **OPERATOR)
        self.world.settle()


def _column(context: Context, column: sa.Column[Any], *where: Any) -> list[Any]:
    with context.reading() as session:
        return list(session.scalars(sa.select(column).where(*where)))


@pytest.fixture(params=["sqlite", "postgresql"])
def toys(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Toys]:
    clock = FrozenClock()
    urls: dict[str, str | None] = dict.fromkeys(("ping", "pong"))
    if request.param == "postgresql":
        postgres = request.getfixturevalue("postgres")
        urls = {name: postgres.database().replace("postgresql:", "postgresql+psycopg:", 1) for name in urls}
    contexts = {name: make_context(name, tmp_path, url, clock=clock) for name, url in urls.items()}
    yield Toys(contexts, clock)
    for context in contexts.values():
        context.store.dispose()


def test_what_was_sent_long_ago_goes_and_what_is_young_or_unsent_stays(toys: Toys) -> None:
    toys.tell(A, 1)
    ping(toys.ping, B, 2)  # nobody sends it
    toys.clock.move(days=31)
    toys.tell(C, 3)
    with toys.ping.store.writing() as session:
        session.execute(sa.update(outbox).where(outbox.c.subject == B).values(sent_at=None))
    assert cleanup.forget_sent(toys.ping) == 1
    assert sorted(_column(toys.ping, outbox.c.subject)) == [B, C]


def test_the_numbers_of_the_outbox_go_on_where_they_were(toys: Toys) -> None:
    toys.tell(A, 1, 2, 3)
    toys.clock.move(days=31)
    assert cleanup.forget_sent(toys.ping) == 3
    ping(toys.ping, B, 4)
    assert _column(toys.ping, outbox.c.seq, outbox.c.subject == B) == [4]


def test_a_copy_that_comes_while_it_is_known_is_dropped(toys: Toys) -> None:
    copies = toys.tell(A, 1)
    toys.clock.move(days=399)
    assert cleanup.forget_handled(toys.pong) == 0
    toys.come_again(copies)
    assert deeds_of(toys.pong) == ["ping 1"]
    assert toys.failures() == []


@pytest.mark.parametrize("suspect", [False, True])
def test_a_copy_of_what_was_forgotten_is_shown_and_not_handled(toys: Toys, suspect: bool) -> None:
    copies = toys.tell(A, 1)
    toys.clock.move(days=401)
    assert cleanup.forget_handled(toys.pong) == 1
    toys.come_again(copies, suspect=suspect)
    assert deeds_of(toys.pong) == ["ping 1"]
    assert toys.failures() == [("parked", "PerhapsHandled")]


def test_an_operator_who_knows_that_it_was_never_handled_has_it_handled(toys: Toys) -> None:
    toys.tell(A, 1)
    ping(toys.ping, B, 2)
    late = [Delivery(body) for body in _column(toys.ping, outbox.c.body, outbox.c.subject == B)]
    toys.clock.move(days=401)
    cleanup.forget_handled(toys.pong)
    toys.come_again(late)
    assert toys.failures() == [("parked", "PerhapsHandled")]
    toys.retry()
    assert deeds_of(toys.pong, B) == ["ping 2"]
    assert toys.failures() == []


def test_what_waited_in_the_queue_for_long_is_handled_as_long_as_nothing_was_forgotten(toys: Toys) -> None:
    ping(toys.ping, A, 1)
    toys.clock.move(days=500)
    toys.world.settle()
    assert deeds_of(toys.pong) == ["ping 1"]


def test_what_a_failure_holds_a_copy_of_stays_known(toys: Toys) -> None:
    copies = toys.tell(A, 1)
    toys.come_again(copies, dead=True)  # the broker has given the copy up
    toys.clock.move(days=401)
    assert cleanup.forget_handled(toys.pong) == 0
    toys.retry()
    assert deeds_of(toys.pong) == ["ping 1"], "the copy is known, and dropped"


def test_a_longer_memory_begins_with_what_is_still_there(toys: Toys) -> None:
    copies = toys.tell(A, 1)
    toys.clock.move(days=401)
    cleanup.forget_handled(toys.pong)
    object.__setattr__(toys.pong.settings, "inbox_days", 1000)
    toys.come_again(copies)
    assert toys.failures() == [("parked", "PerhapsHandled")]


def test_each_transaction_is_short_however_many_rows_are_old(toys: Toys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleanup, "BATCH", 3)
    toys.tell(A, *range(8))
    toys.clock.move(days=401)
    assert [cleanup.forget_sent(toys.ping) for _ in range(4)] == [3, 3, 2, 0]
    assert [cleanup.forget_handled(toys.pong) for _ in range(4)] == [3, 3, 2, 0]


def test_both_are_found_by_an_index(toys: Toys, monkeypatch: pytest.MonkeyPatch) -> None:
    """No plan reads a whole table, where a transaction's rows are few beside all of them."""
    monkeypatch.setattr(cleanup, "BATCH", 100)
    _fill(toys.ping, 20_000)
    with plans(toys.ping.store, ("outbox", "inbox")) as taken:
        cleanup.forget_sent(toys.ping)
        cleanup.forget_handled(toys.ping)
    assert [plan.statement.split()[0] for plan in taken] == ["SELECT", "DELETE", "SELECT", "DELETE"]
    assert "ix_outbox_sent" in taken[0].text
    assert "ix_inbox_received" in taken[2].text
    assert [plan for plan in taken if plan.whole(("outbox", "inbox"))] == []


def _fill(context: Context, rows: int) -> None:
    long_ago, now = context.clock.now() - timedelta(days=500), context.clock.now()
    moments = [long_ago + number * (now - long_ago) / rows for number in range(rows)]
    told = {"type": "t", "subject": "s"}
    sent = [told | {"event_id": str(n), "body": b"", "created_at": at, "sent_at": at} for n, at in enumerate(moments)]
    heard = [told | {"event_id": str(n), "source": "pong", "received_at": at} for n, at in enumerate(moments)]
    with context.store.writing() as session:
        session.execute(sa.insert(outbox), sent)
        session.execute(sa.insert(inbox), heard)
        session.execute(sa.text("ANALYZE"))


@pytest.fixture
def cleaning(toys: Toys, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vitals]:
    """Pong's worker, which has all reason to clean up but not the lease on its store yet."""
    monkeypatch.setattr(loops, "CLEAN_S", 0.01)
    vitals = Vitals(consuming=True)
    loop = loops.CleanupLoop(toys.pong, MemoryBroker(), vitals)
    thread = threading.Thread(target=loop)
    toys.tell(A, 1, 2)
    toys.clock.move(days=401)
    thread.start()
    yield vitals
    loop.stop()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def _left(toys: Toys) -> tuple[int, int]:
    return len(_column(toys.pong, outbox.c.seq)), len(_column(toys.pong, inbox.c.event_id))


def _comes_to(toys: Toys, left: tuple[int, int], seconds: float = PATIENCE) -> bool:
    until = time.monotonic() + seconds
    while _left(toys) != left and time.monotonic() < until:
        time.sleep(0.02)
    return _left(toys) == left


def test_only_who_holds_the_lease_cleans_up_and_the_inbox_only_when_the_queue_is_empty(
    toys: Toys, cleaning: Vitals
) -> None:
    assert not _comes_to(toys, (0, 0), seconds=0.3)
    assert _left(toys) == (2, 2)
    cleaning.queue_depth, cleaning.relaying = 1, True
    assert _comes_to(toys, (0, 2))
    assert not _comes_to(toys, (0, 0), seconds=0.3), "copies may stand in the queue"
    cleaning.queue_depth = 0
    assert _comes_to(toys, (0, 0))


def test_a_worker_cleans_up_by_itself_and_says_up_to_when(toys: Toys, cleaning: Vitals) -> None:
    cleaning.queue_depth, cleaning.relaying = 0, True
    assert _comes_to(toys, (0, 0))
    told = operations.status(toys.pong)["kept_since"]
    assert told["inbox"] == (toys.clock.now() - timedelta(days=400)).isoformat()
    assert told["outbox"] == (toys.clock.now() - timedelta(days=30)).isoformat()
    assert operations.status(toys.ping)["kept_since"] == {"outbox": None, "inbox": None}


def test_each_worker_of_a_service_has_a_clean_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "CLEAN_S", 0.01)
    settings = Settings.read({}, data=tmp_path, create=True)
    context = make_context("pong", tmp_path, clock=SystemClock())
    bring_up(context.store)
    _fill(context, 10)
    machinery, broker = Machinery(), MemoryBroker()
    config = {"settings": settings, "brokers": lambda name: broker}
    machinery.container = SimpleNamespace(
        service_cls=PongService, config=config, spawn_managed_thread=lambda watch: None
    )
    machinery.setup()
    machinery.start()
    assert _is_soon(lambda: len(_column(context, inbox.c.event_id)) < 10)
    machinery.stop()
    context.store.dispose()


def _is_soon(true: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE
    while not true() and time.monotonic() < until:
        time.sleep(0.02)
    return true()
