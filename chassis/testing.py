"""For tests and simulations: a clock to set, ids to predict, and a world of services that runs one step at a time."""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from chassis import faults
from chassis.broker.memory import MemoryBroker, MemoryInlet
from chassis.consumer import Consumer, Prepare, Subscription
from chassis.context import Context
from chassis.relay import Relay


class FrozenClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def move(self, **delta: float) -> None:
        self._now += timedelta(**delta)

    def set(self, now: datetime) -> None:
        self._now = now


class SequentialIds:
    """Ids that count: 00000000-0000-7000-8000-000000000001, …"""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def __call__(self) -> str:
        return f"00000000-0000-7000-8000-{next(self._numbers):012d}"


@dataclass
class Room:
    """One service of a world: its context, and what it does with which events."""

    context: Context
    subscriptions: Sequence[Subscription]
    prepare: Prepare | None = None


@dataclass
class _Running:
    consumer: Consumer
    relay: Relay
    inlet: MemoryInlet


@dataclass
class World:
    """Services on one in-memory broker, without threads: nothing happens but in `step` and `settle`."""

    rooms: Sequence[Room]
    broker: MemoryBroker = field(default_factory=MemoryBroker)

    def __post_init__(self) -> None:
        self._running = [self._start(room) for room in self.rooms]

    def _start(self, room: Room) -> _Running:
        consumer = Consumer(room.context, room.subscriptions, room.prepare)
        inlet = self.broker.inlet(room.context.name, consumer.types)
        return _Running(consumer, Relay(room.context, self.broker.outlet(room.context.name)), inlet)

    def step(self) -> int:
        """Each service relays, then takes one batch, then what is due; returns how much happened."""
        happened = sum(each.relay.publish_due() for each in self._running)
        for each in self._running:
            batch = each.inlet.receive(100, timeout=0)
            if batch:
                each.consumer.take(batch)
                each.inlet.acknowledge(batch)
            happened += len(batch) + each.consumer.retry_due()
        for each in self._running:
            each.relay.hear()
        return happened + sum(each.relay.stamp() for each in self._running)

    def settle(self, steps: int = 200) -> None:
        """Steps until nothing happens any more; raises AssertionError when it does not come to rest."""
        for _ in range(steps):
            if self.step() == 0:
                return
        raise AssertionError(f"the world did not come to rest in {steps} steps")


class Crash(BaseException):
    """A process that dies: not an Exception, so that nobody handles it."""


@contextmanager
def crash_at(service: str, point: str, passing: int = 1) -> Iterator[None]:
    """Within it, `service` crashes when it passes `point` for the given time (see chassis.faults.POINTS)."""
    left = itertools.count(passing - 1, -1)

    def crash(at_service: str, at_point: str) -> None:
        if (at_service, at_point) == (service, point) and next(left) == 0:
            raise Crash(f"{service} at {point}")

    faults.install(crash)
    try:
        yield
    finally:
        faults.install(None)
