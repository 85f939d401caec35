"""A broker inside one process, for one machine and for tests.

It is no more than a cache of the outboxes: a publishing counts as taken only when every queue it went to has
acknowledged it. So whatever a crash wipes out of it is still unsent in an outbox, and the inboxes drop what had
been handled before.
"""

import itertools
import threading
from collections import defaultdict, deque
from collections.abc import Sequence

from chassis.message import Delivery
from chassis.relay import Outcome, Outgoing


class MemoryBroker:
    """Queues, bindings and what is not yet acknowledged; all under one lock."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.queues: dict[str, deque[Delivery]] = defaultdict(deque)
        self.bindings: dict[str, set[str]] = defaultdict(set)
        self.open: dict[int, set[str]] = {}  #: queues that still owe an acknowledgement, by publishing
        self.publishers: dict[int, tuple[MemoryOutlet, str]] = {}
        self.tags = itertools.count(1)

    def declare(self, service: str, types: Sequence[str]) -> None:
        with self.changed:
            for type in types:
                self.bindings[type].add(service)

    def inlet(self, service: str, types: Sequence[str]) -> "MemoryInlet":
        self.declare(service, types)
        return MemoryInlet(self, service)

    def outlet(self, service: str) -> "MemoryOutlet":
        return MemoryOutlet(self)

    def put(self, service: str, body: bytes) -> None:
        """Puts a message on a queue by hand, as an operator might."""
        with self.changed:
            self.queues[service].append(Delivery(body, {}, next(self.tags)))
            self.changed.notify_all()


class MemoryOutlet:
    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker
        self.landed: list[Outcome] = []

    def publish(self, messages: Sequence[Outgoing]) -> None:
        broker = self._broker
        with broker.changed:
            for message in messages:
                queues = broker.bindings.get(message.type)
                if not queues:
                    self.landed.append(Outcome(message.event_id, "nobody is bound to this type"))
                    continue
                tag = next(broker.tags)
                broker.open[tag] = set(queues)
                broker.publishers[tag] = (self, message.event_id)
                for queue in queues:
                    broker.queues[queue].append(Delivery(message.body, {}, tag))
            broker.changed.notify_all()

    def outcomes(self, timeout: float) -> list[Outcome]:
        with self._broker.changed:
            if not self.landed and timeout:
                self._broker.changed.wait_for(lambda: self.landed, timeout)
            landed, self.landed = self.landed, []
            return landed

    def close(self) -> None:
        pass


class MemoryInlet:
    def __init__(self, broker: MemoryBroker, service: str) -> None:
        self._broker = broker
        self._service = service
        self._unacknowledged: deque[Delivery] = deque()

    def receive(self, limit: int, timeout: float) -> list[Delivery]:
        queue = self._broker.queues[self._service]
        with self._broker.changed:
            if not queue and timeout:
                self._broker.changed.wait_for(lambda: queue, timeout)
            received = [queue.popleft() for _ in range(min(limit, len(queue)))]
            self._unacknowledged.extend(received)
            return received

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        broker = self._broker
        with broker.changed:
            for delivery in deliveries:
                self._unacknowledged.remove(delivery)
                self._settle(delivery.tag)
            broker.changed.notify_all()

    def _settle(self, tag: int) -> None:
        owing = self._broker.open.get(tag)
        if owing is None:
            return
        owing.discard(self._service)
        if not owing:
            del self._broker.open[tag]
            outlet, event_id = self._broker.publishers.pop(tag)
            outlet.landed.append(Outcome(event_id))

    def idle(self) -> None:
        pass

    def depth(self) -> int:
        return len(self._broker.queues[self._service])

    def close(self) -> None:
        with self._broker.changed:
            self._broker.queues[self._service].extendleft(reversed(self._unacknowledged))
            self._unacknowledged.clear()
            self._broker.changed.notify_all()
