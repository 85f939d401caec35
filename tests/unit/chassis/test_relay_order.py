"""What the relay sends together, and what it keeps back so that nothing overtakes another of its referral."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from chassis.envelope import Envelope, apart
from chassis.relay import Outcome, Outgoing, Relay
from chassis.store import outbox
from chassis.testing import FrozenClock
from tests.migrated import bring_up
from tests.toy import Pinged, Unheard, make_context

A, B = "ISA-2026-000001", "ISA-2026-000002"


class Broker:
    """An outlet that answers when it is told to. Events go by their numbers."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self._ids: dict[str, str] = {}
        self._answers: list[Outcome] = []

    def publish(self, messages: Sequence[Outgoing]) -> None:
        for message in messages:
            envelopes = [Envelope.decode(body) for body in apart(message.body)]
            name = "+".join(f"{envelope.subject[-1]}{envelope.data['number']}" for envelope in envelopes)
            self._ids[name] = message.event_id
            self.sent.append(name)

    def answer(self, name: str, refused: str | None = None) -> None:
        self._answers.append(Outcome(self._ids[name], refused))

    def outcomes(self, timeout: float) -> list[Outcome]:
        answers, self._answers = self._answers, []
        return answers

    def close(self) -> None:
        pass


class Sending:
    """A relay on a store in which `events` wait."""

    def __init__(self, folder: Path, *events: Pinged | Unheard) -> None:
        self.clock, self.broker = FrozenClock(), Broker()
        self.context = make_context("ping", folder, clock=self.clock)
        bring_up(self.context.store)
        with self.context.unit() as unit:
            unit.emit(*events)
        self._relay = Relay(self.context, self.broker)

    def turn(self) -> list[str]:
        """What is sent now."""
        self._relay.hear()
        before = len(self.broker.sent)
        self._relay.publish_due()
        self._relay.stamp()
        return self.broker.sent[before:]

    @property
    def unsent(self) -> int:
        with self.context.reading() as session:
            return session.scalars(sa.select(sa.func.count()).where(outbox.c.sent_at.is_(None))).one()


@pytest.fixture
def sending(tmp_path: Path) -> Sending:
    return Sending(tmp_path, Pinged(A, 1), Unheard(A, 2), Pinged(A, 3), Pinged(B, 4))


def test_of_each_referral_one_event_is_on_its_way_and_the_next_when_it_is_taken(sending: Sending) -> None:
    assert sending.turn() == ["11", "24"]
    assert sending.turn() == []
    sending.broker.answer("11")
    assert sending.turn() == ["12"]
    sending.broker.answer("12")
    assert sending.turn() == ["13"]


def test_events_of_one_referral_and_type_that_follow_each_other_travel_in_one_message(tmp_path: Path) -> None:
    sending = Sending(tmp_path, Pinged(A, 1), Pinged(B, 2), Pinged(A, 3), Unheard(A, 4), Pinged(A, 5))
    assert sending.turn() == ["11+13", "22"]
    sending.broker.answer("11+13")
    assert sending.turn() == ["14"]
    sending.broker.answer("14")
    assert sending.turn() == ["15"]


def test_a_message_of_several_events_that_was_refused_goes_out_whole_again(tmp_path: Path) -> None:
    sending = Sending(tmp_path, Pinged(A, 1), Pinged(A, 2))
    sending.turn()
    sending.broker.answer("11+12", "refused")
    assert sending.turn() == []
    sending.clock.move(seconds=6)
    assert sending.turn() == ["11+12"]


def test_what_was_taken_is_not_sent_again_before_or_after_it_is_stamped(tmp_path: Path) -> None:
    sending = Sending(tmp_path, Pinged(A, 1), Pinged(A, 2))
    sending.turn()
    sending.broker.answer("11+12")
    assert sending.turn() == []
    assert sending.turn() == []
    assert sending.unsent == 0


def test_what_was_refused_holds_its_referral_for_a_while(sending: Sending) -> None:
    sending.turn()
    sending.broker.answer("11", "refused")
    assert sending.turn() == []
    sending.clock.move(seconds=6)
    assert sending.turn() == ["11"]


def test_an_event_is_sent_though_the_newest_before_it_was_erased_on_its_way(tmp_path: Path) -> None:
    sending = Sending(tmp_path, Pinged(A, 1))
    assert sending.turn() == ["11"]
    with sending.context.unit() as unit:
        unit.erase(A)
        unit.emit(Pinged(B, 2))
    sending.broker.answer("11")
    assert sending.turn() == ["22"], "the confirm of what was erased is not taken for its own"


def test_an_event_that_is_long_on_its_way_is_not_sent_again_nor_overtaken(sending: Sending) -> None:
    sending.turn()
    sending.clock.move(minutes=2)
    assert sending.turn() == []
