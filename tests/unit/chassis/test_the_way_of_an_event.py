"""Outbox, relay, consumer, inbox and failures, on two toy services in a world without threads."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm.exc import StaleDataError

from chassis import operations
from chassis.clock import uuid7
from chassis.envelope import Envelope
from chassis.message import Delivery
from chassis.migrations import is_migrated
from chassis.store import inbox, outbox
from chassis.testing import Crash, FrozenClock, World, crash_at
from tests.migrated import bring_up
from tests.toy import (
    Pinged,
    Troubles,
    Unheard,
    deeds_of,
    make_context,
    ping,
    ping_room,
    pong_room,
)

A, B = "ISA-2026-000001", "ISA-2026-000002"


class Toys:
    """A world of ping and pong, both at the start of their stores."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.troubles = FrozenClock(), Troubles()
        self.ping = make_context("ping", folder, clock=self.clock)
        self.pong = make_context("pong", folder, clock=self.clock)
        for context in (self.ping, self.pong):
            bring_up(context.store)
        self.start()

    def start(self) -> None:
        """As after a crash: a new process, a new broker inside it, the same stores."""
        self.world = World([ping_room(self.ping), pong_room(self.pong, self.troubles)])

    def failures(self, state: str | None = None) -> list[dict]:
        return operations.failures(self.pong, state)

    def unsent(self) -> int:
        return operations.status(self.ping)["outbox_waiting"] + operations.status(self.pong)["outbox_waiting"]


@pytest.fixture
def toys(tmp_path: Path) -> Iterator[Toys]:
    toys = Toys(tmp_path)
    yield toys
    toys.ping.store.dispose()
    toys.pong.store.dispose()


def test_a_migrated_store_is_at_its_newest_revision(toys: Toys) -> None:
    assert is_migrated(toys.ping.store)


def test_an_event_goes_to_its_subscriber_and_the_answer_comes_back(toys: Toys) -> None:
    ping(toys.ping, A, 1, 2)
    toys.world.settle()
    assert deeds_of(toys.pong) == ["ping 1", "ping 2"]
    assert deeds_of(toys.ping) == ["pong 1", "pong 2"]
    assert toys.unsent() == 0


def test_an_answer_knows_what_caused_it_and_how_the_story_began(toys: Toys) -> None:
    ping(toys.ping, A, 1)
    toys.world.settle()
    first = operations.trace(toys.ping, A)["sent"][0]
    answer = operations.trace(toys.pong, A)["sent"][0]
    assert answer["causationid"] == first["event_id"]
    assert answer["correlationid"] == first["correlationid"] == first["event_id"]


def test_what_was_rolled_back_is_not_told(toys: Toys) -> None:
    def fail(unit: Any) -> None:
        unit.emit(Pinged(A, 1))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), toys.ping.unit() as unit:
        fail(unit)
    toys.world.settle()
    assert deeds_of(toys.pong) == []


def test_a_doubled_message_is_handled_once(toys: Toys) -> None:
    ping(toys.ping, A, 1)
    toys.world.settle()
    with toys.ping.reading() as session:
        body = session.scalar(sa.select(outbox.c.body))
    assert body is not None
    toys.world.broker.put("pong", body)
    toys.world.broker.put("pong", body)
    toys.world.settle()
    assert deeds_of(toys.pong) == ["ping 1"]


def test_only_the_guilty_one_of_a_batch_fails(toys: Toys) -> None:
    toys.troubles.plan(2, ValueError("two"), ValueError("two"))
    for number, reference in enumerate((A, B, "ISA-2026-000003"), start=1):
        ping(toys.ping, reference, number)
    toys.world.settle()
    assert deeds_of(toys.pong) == ["ping 1", "ping 3"]
    assert [(f["state"], f["subject"], f["error_type"]) for f in toys.failures()] == [("retrying", B, "ValueError")]


def test_a_failed_one_is_tried_again_with_growing_pauses_and_then_parked(toys: Toys) -> None:
    toys.troubles.plan(1, *[ValueError("again")] * 99)
    ping(toys.ping, A, 1)
    toys.world.settle()
    for attempts, pause in enumerate((5, 30, 120, 600, 3600), start=1):
        assert [(f["state"], f["attempts"]) for f in toys.failures()] == [("retrying", attempts)]
        toys.clock.move(seconds=pause - 1)
        toys.world.settle()
        assert toys.failures()[0]["attempts"] == attempts
        toys.clock.move(seconds=1)
        toys.world.settle()
    assert [(f["state"], f["attempts"]) for f in toys.failures()] == [("parked", 6)]
    assert deeds_of(toys.pong) == []


def test_what_somebody_else_was_in_the_way_of_is_tried_again_at_once(toys: Toys) -> None:
    toys.troubles.plan(1, StaleDataError("stale"), StaleDataError("stale"), StaleDataError("stale"))
    ping(toys.ping, A, 1)
    toys.world.settle()
    assert deeds_of(toys.pong) == ["ping 1"]
    assert toys.failures() == []


def test_later_events_of_a_referral_wait_behind_a_failed_one_and_others_go_on(toys: Toys) -> None:
    toys.troubles.plan(1, ValueError("one"), ValueError("one"))
    ping(toys.ping, A, 1, 2)
    toys.world.settle()
    ping(toys.ping, A, 3)
    ping(toys.ping, B, 9)
    toys.world.settle()
    assert deeds_of(toys.pong) == ["ping 9"]
    assert sorted(f["state"] for f in toys.failures()) == ["retrying", "waiting", "waiting"]
    toys.clock.move(seconds=6)
    toys.world.settle()
    assert deeds_of(toys.pong, A) == ["ping 1", "ping 2", "ping 3"]
    assert toys.failures() == []


def test_a_discarded_failure_lets_those_behind_it_go_on(toys: Toys) -> None:
    toys.troubles.plan(1, *[ValueError("never")] * 99)
    ping(toys.ping, A, 1, 2)
    toys.world.settle()
    guilty = toys.failures("retrying")[0]
    operations.discard(toys.pong, guilty["id"], who="operator", why="sent by mistake")
    toys.world.settle()
    assert deeds_of(toys.pong) == ["ping 2"]
    detail = operations.failure(toys.pong, guilty["id"])
    assert detail is not None
    assert detail["state"] == "discarded"
    assert [(a["who"], a["action"], a["why"]) for a in detail["actions"]] == [
        ("operator", "discard", "sent by mistake")
    ]


def test_a_parked_failure_is_retried_at_an_operators_word(toys: Toys) -> None:
    toys.troubles.plan(1, *[ValueError("for now")] * 7)
    ping(toys.ping, A, 1)
    for _ in range(6):
        toys.world.settle()
        toys.clock.move(hours=2)
    parked = toys.failures("parked")[0]
    operations.retry(toys.pong, parked["id"], who="operator", why="mended")
    toys.world.settle()
    assert deeds_of(toys.pong) == ["ping 1"]


def test_a_waiting_one_can_not_be_retried_ahead_of_the_one_it_waits_for(toys: Toys) -> None:
    toys.troubles.plan(1, *[ValueError("never")] * 99)
    ping(toys.ping, A, 1, 2)
    toys.world.settle()
    waiting = toys.failures("waiting")[0]
    with pytest.raises(operations.NotPossible):
        operations.retry(toys.pong, waiting["id"], who="operator", why="impatience")


def _envelope(type: str, data: dict, subject: str = A, source: str = "hand") -> bytes:
    now, id = FrozenClock().now(), uuid7()
    return Envelope(id=id, source=source, type=type, subject=subject, time=now, correlationid=id, data=data).encode()


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"\xff\x00 not json", "Unreadable"),
        (b'["no", "object"]', "Unreadable"),
        (b'{"specversion": "1.0"}', "Unreadable"),
        (_envelope("nobody.knows.v1", {}), "UnknownType"),
        (_envelope("ping.pinged.v1", {"reference": A, "number": "many"}), "StrangersMessage"),
        (_envelope("ping.pinged.v1", {"reference": A, "number": "many"}, source="ping"), "AgainstSchema"),
    ],
)
def test_what_can_not_be_read_is_parked_whole_while_those_behind_it_go_on(toys: Toys, body: bytes, error: str) -> None:
    toys.world.broker.put("pong", body)
    ping(toys.ping, B, 1)
    toys.world.settle()
    assert deeds_of(toys.pong) == ["ping 1"]
    (parked,) = toys.failures("parked")
    assert parked["error_type"] == error
    assert parked["message"]
    with toys.pong.reading() as session:
        assert session.scalar(sa.text("SELECT body FROM failures")) == body


def test_a_publishers_own_mistake_holds_its_referral_and_a_strangers_does_not(toys: Toys) -> None:
    toys.world.broker.put("pong", _envelope("ping.pinged.v1", {"reference": A}, source="ping"))
    toys.world.broker.put("pong", _envelope("ping.pinged.v1", {"reference": B}, subject=B))
    ping(toys.ping, A, 1)
    ping(toys.ping, B, 2)
    toys.world.settle()
    assert deeds_of(toys.pong) == ["ping 2"]
    assert [f["subject"] for f in toys.failures("waiting")] == [A]


def test_an_edited_failure_is_handled_as_it_reads_now(toys: Toys) -> None:
    toys.world.broker.put("pong", _envelope("ping.pinged.v1", {"reference": A, "number": "many"}))
    toys.world.settle()
    parked = toys.failures("parked")[0]
    body = _envelope("ping.pinged.v1", {"reference": A, "number": 7})
    operations.edit(toys.pong, parked["id"], body, who="operator", why="a number was expected")
    toys.world.settle()
    assert deeds_of(toys.pong) == ["ping 7"]


def test_a_payload_is_shown_masked(toys: Toys) -> None:
    toys.world.broker.put("pong", _envelope("ping.pinged.v1", {"reference": A, "name": "Rey"}))
    toys.world.settle()
    detail = operations.failure(toys.pong, toys.failures()[0]["id"])
    assert detail is not None
    assert "Rey" not in str(detail)
    assert "name" in detail["payload"]


def test_what_is_not_ours_in_an_envelope_is_shown_masked_too() -> None:
    told = json.loads(_envelope("ping.pinged.v1", {"reference": A})) | {"who": "Rey"}
    shown = json.loads(operations.masked(json.dumps(told).encode()))
    assert shown == told | {"who": operations.MASK}


def test_dead_letters_are_parked(toys: Toys) -> None:
    ping(toys.ping, A, 1)
    with toys.ping.reading() as session:
        body = session.scalar(sa.select(outbox.c.body))
    assert body is not None
    World([pong_room(toys.pong)])._running[0].consumer.take([Delivery(body, {}, 1, dead=True)])
    assert [f["error_type"] for f in toys.failures("parked")] == ["KilledTheWorker"]


def test_an_event_nobody_is_bound_to_stays_and_holds_its_referral_in_order(toys: Toys) -> None:
    with toys.ping.unit() as unit:
        unit.emit(Unheard(A), Pinged(A, 1), Pinged(B, 2))
    toys.world.settle()
    assert deeds_of(toys.pong) == ["ping 2"]
    toys.clock.move(seconds=6)
    toys.world.broker.declare("ping", ["ping.unheard.v1"])
    toys.world.settle()
    assert deeds_of(toys.pong) == ["ping 2", "ping 1"]


@pytest.mark.parametrize(
    ("service", "point"),
    [
        ("ping", "relay.before_publish"),
        ("ping", "relay.after_publish"),
        ("ping", "relay.after_confirm"),
        ("ping", "relay.after_stamp"),
        ("pong", "consumer.before_claim"),
        ("pong", "consumer.before_commit"),
        ("pong", "unit.before_commit"),
        ("pong", "consumer.after_commit"),
        ("pong", "relay.after_publish"),
        ("ping", "consumer.after_commit"),
    ],
)
def test_a_crash_at_any_point_loses_nothing_and_does_nothing_twice(toys: Toys, service: str, point: str) -> None:
    ping(toys.ping, A, 1, 2)
    ping(toys.ping, B, 3)
    with crash_at(service, point), pytest.raises(Crash):
        toys.world.settle()
    toys.start()
    toys.world.settle()
    assert deeds_of(toys.pong) == ["ping 1", "ping 2", "ping 3"]
    assert deeds_of(toys.ping) == ["pong 1", "pong 2", "pong 3"]
    assert toys.unsent() == 0


def test_the_inbox_says_when_and_how_long(toys: Toys) -> None:
    ping(toys.ping, A, 1)
    toys.world.settle()
    with toys.pong.reading() as session:
        row = session.execute(sa.select(inbox)).one()
    assert row.handled_at == toys.clock.now()
    assert row.duration_ms > 0
    assert row.attempt == 1
