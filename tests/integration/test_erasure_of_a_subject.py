"""What machinery keeps of a subject goes when it is erased; what comes later is dropped. On both databases."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa

from chassis import failures as keeping
from chassis.consumer import Consumer, Subscription
from chassis.context import Context
from chassis.envelope import Envelope
from chassis.message import Delivery, Permanent, read
from chassis.operations import NotPossible, discard
from chassis.store import erased, failures, inbox, outbox
from tests.migrated import bring_up
from tests.toy import Pinged, Ponged, Toy, deeds_of, do, make_context

SECRET = 756123


class Gone(Toy):
    TYPE = "ping.gone.v1"
    ERASES: ClassVar[bool] = True


@pytest.fixture(params=["sqlite", "postgresql"])
def context(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Context]:
    url = request.getfixturevalue("database_url") if request.param == "postgresql" else None
    context = make_context("pong", tmp_path, url)
    bring_up(context.store)
    yield context
    context.store.dispose()


@pytest.fixture
def consumer(context: Context) -> Consumer:
    def on_ping(unit: Any, event: Pinged) -> None:
        if event.number == SECRET:
            raise ValueError("not this one")
        do(unit, event, "ping")
        unit.emit(Ponged(event.reference, event.number))

    return Consumer(context, [Subscription(Pinged, on_ping), Subscription(Gone, lambda unit, event: None)])


def delivery(event: Toy, id: str) -> Delivery:
    time = make_time()
    envelope = Envelope(
        id=id, source="ping", type=event.TYPE, subject=event.reference, time=time, correlationid=id,
        data=event.to_data(),
    )  # fmt: skip
    return Delivery(envelope.encode())


def make_time() -> Any:
    from chassis.testing import FrozenClock

    return FrozenClock().now()


def count(context: Context, table: sa.Table) -> int:
    with context.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def sent_bodies(context: Context) -> list[bytes]:
    with context.reading() as session:
        return list(session.scalars(sa.select(outbox.c.body).order_by(outbox.c.seq)))


def test_what_waits_behind_a_failure_is_overtaken_and_goes_with_it(context: Context, consumer: Consumer) -> None:
    consumer.take([delivery(Pinged("A", SECRET), "1"), delivery(Pinged("A", 2), "2"), delivery(Pinged("B", 3), "3")])
    assert count(context, failures) == 2
    consumer.take([delivery(Gone("A"), "4")])
    assert count(context, failures) == 0
    assert deeds_of(context) == ["ping 3"]


def test_an_erasure_that_failed_once_does_not_wait_behind_what_is_parked(context: Context) -> None:
    def on_ping(unit: Any, event: Pinged) -> None:
        raise Permanent("never")

    def on_gone(unit: Any, event: Gone) -> None:
        tries.append(event)
        if len(tries) <= 2:  # with its batch, and alone
            raise ValueError("not now")

    tries: list[Gone] = []
    consumer = Consumer(context, [Subscription(Pinged, on_ping), Subscription(Gone, on_gone)])
    consumer.take([delivery(Pinged("A", SECRET), "1")])
    consumer.take([delivery(Gone("A"), "2")])
    assert (len(tries), count(context, failures)) == (2, 2)
    context.clock.move(minutes=1)  # type: ignore[attr-defined]
    consumer.retry_due()
    assert count(context, failures) == 0


def test_what_comes_later_is_dropped_whatever_it_is(context: Context, consumer: Consumer) -> None:
    consumer.take([delivery(Gone("A"), "1")])
    consumer.take([delivery(Pinged("A", 2), "2")])
    consumer.take([delivery(Ponged("A", SECRET), "3")])  # of a type that nobody handles: would be kept with its body
    assert (deeds_of(context), count(context, failures), count(context, outbox)) == ([], 0, 0)


def test_one_batch_may_hold_all_of_it(context: Context, consumer: Consumer) -> None:
    consumer.take([delivery(Pinged("A", 1), "1"), delivery(Gone("A"), "2"), delivery(Pinged("A", 3), "3")])
    assert deeds_of(context) == ["ping 1"], "the service's own handler is there to undo this"
    assert count(context, outbox) == 0


def test_what_was_sent_keeps_its_type_and_loses_what_it_said(context: Context, consumer: Consumer) -> None:
    consumer.take([delivery(Pinged("A", 41), "1"), delivery(Pinged("B", 42), "2")])
    with context.store.writing() as session:
        session.execute(sa.update(outbox).values(sent_at=context.clock.now()))
    consumer.take([delivery(Gone("A"), "3")])
    of_a, of_b = (json.loads(body) for body in sent_bodies(context))
    assert (of_a["type"], of_a["data"], of_b["data"]["number"]) == ("pong.ponged.v1", {}, 42)


def test_twice_is_as_once(context: Context, consumer: Consumer) -> None:
    for id in ("1", "1", "2"):
        consumer.take([delivery(Gone("A"), id)])
    assert (count(context, erased), count(context, inbox), count(context, failures)) == (1, 1, 0)


def test_what_could_not_be_read_goes_where_it_names_the_subject(context: Context, consumer: Consumer) -> None:
    consumer.take([Delivery(b'{"subject": "A-1", no JSON'), Delivery(b"about somebody else")])
    assert count(context, failures) == 2
    consumer.take([delivery(Gone("A-1"), "1")])
    with context.reading() as session:
        assert list(session.scalars(sa.select(failures.c.body))) == [b"about somebody else"]


def test_a_file_holds_no_trace_of_what_was_deleted(tmp_path: Path) -> None:
    context = make_context("pong", tmp_path)
    bring_up(context.store)
    with context.store.writing() as session:
        row = {"event_id": "e", "type": "t", "subject": "A", "body": b"Zoe Deleze", "created_at": context.clock.now()}
        session.execute(sa.insert(outbox).values(row))
    assert any(b"Zoe Deleze" in path.read_bytes() for path in tmp_path.glob("pong.db*"))
    with context.unit() as unit:
        unit.erase("A")
    context.store.scrub()
    assert not any(b"Zoe Deleze" in path.read_bytes() for path in tmp_path.glob("pong.db*"))
    context.store.dispose()


def test_nobody_may_decide_that_an_erasure_is_not_handled(context: Context, consumer: Consumer) -> None:
    ids = []
    for event, id in ((Gone("A"), "1"), (Pinged("B", 1), "2")):
        message = read(delivery(event, id), {each.TYPE: each for each in (Gone, Pinged)})
        with context.unit() as unit:
            ids.append(keeping.record_trial(context.store, unit.session, message, unit.now))
    context.erasing = frozenset({Gone.TYPE})
    erasing, other = ids
    with pytest.raises(NotPossible, match="retry"):
        discard(context, erasing, who="operator", why="in the way")
    assert discard(context, other, who="operator", why="in the way")["state"] == "discarded"
