"""A service's machinery made to ask its store all that it ever asks: relay, consumer, failures, clean-up, operators."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from chassis import cleanup, operations
from chassis.consumer import Consumer, Subscription
from chassis.context import Context
from chassis.message import Delivery
from chassis.relay import Outcome, Outgoing, Relay
from chassis.store import outbox
from chassis.testing import Room
from tests.together import Together

OPERATOR = {"who": "operator", "why": "looked it up"}


class Refusing:
    """A broker that takes nothing."""

    def __init__(self) -> None:
        self._refused: list[Outcome] = []

    def publish(self, messages: Sequence[Outgoing]) -> None:
        self._refused += [Outcome(message.event_id, "nobody is bound to this type") for message in messages]

    def outcomes(self, timeout: float) -> list[Outcome]:
        refused, self._refused = self._refused, []
        return refused

    def close(self) -> None:
        pass


def day_of(together: Together) -> None:
    """Referrals that go the whole way, and all that can happen to their events on it, in every service."""
    references = [together.refer()[0] for _ in range(3)]
    together.settle()
    for room in together.world.rooms:
        _copies_come_again(room, together, references[0])
        _trouble(room, together)
    together.clock.move(days=2)  # some rows are old by now
    for room in together.world.rooms:
        _looked_after(room.context, references[1])


def _copies_come_again(room: Room, together: Together, reference: str) -> None:
    copies = _told(together, outbox.c.subject == reference)
    consumer = Consumer(room.context, room.subscriptions, room.prepare)
    consumer.take([Delivery(body) for body in copies])
    consumer.take([Delivery(body, suspect=True) for body in copies])


def _trouble(room: Room, together: Together) -> None:
    """Events that no broker takes; that a handler fails at, with others behind it; that nobody can read."""
    reference = together.refer()[0]
    refused = Relay(together.contexts["referral"], Refusing())
    refused.publish_due()
    refused.stamp()
    bodies = _told(together, outbox.c.sent_at.is_(None))
    failing = Consumer(room.context, [Subscription(each.event_class, _fail) for each in room.subscriptions])
    failing.take([Delivery(b"?"), *(Delivery(body) for body in bodies)])
    failing.take([Delivery(body, suspect=True) for body in bodies])
    together.clock.move(seconds=10)
    Consumer(room.context, room.subscriptions, room.prepare).retry_due()
    for failure in operations.failures(room.context):
        operations.failure(room.context, failure["id"])
        operations.discard(room.context, failure["id"], **OPERATOR)
    operations.trace(room.context, reference)
    together.settle()


def _fail(_unit: Any, _event: Any) -> None:
    raise RuntimeError("planned")


def _looked_after(context: Context, reference: str) -> None:
    operations.status(context)
    cleanup.forget_sent(context)
    cleanup.forget_handled(context)
    with context.unit() as unit:
        unit.erase(reference)


def _told(together: Together, which: Any) -> list[bytes]:
    with together.contexts["referral"].reading() as session:
        return list(session.scalars(sa.select(outbox.c.body).where(which)))
