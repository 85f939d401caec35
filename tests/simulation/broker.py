"""A broker in the manner of RabbitMQ, one step at a time: what is sent, has arrived and is known of it differ.

A connection is two pipes. What a client publishes or acknowledges waits in one until the broker comes to it; the
confirms wait in the other. A connection that is cut loses what is in the pipes; one whose client has died is still
read to its end. Every choice is that of the hand it is given.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from chassis.broker.amqp import PREFETCH, SUSPECT
from chassis.message import Delivery
from chassis.relay import BrokerUnreachable, Outcome, Outgoing
from chassis.testing import FrozenClock
from tests.simulation.hand import Hand
from tests.simulation.queues import Held, Queue
from tests.simulation.turns import wait

UNROUTABLE = "nobody is bound to this type"
REFUSED = "the broker refused it"


@dataclass(eq=False)
class Connection:
    """`sent` waits for the broker, `answers` for the client."""

    name: str
    sent: list[Callable[[], None]] = field(default_factory=list)
    answers: list[Outcome] = field(default_factory=list)
    landed: list[Outcome] = field(default_factory=list)
    closed: bool = False  #: by the client; the broker has yet to notice
    gone: bool = False  #: for both
    on_gone: Callable[[], None] = lambda: None

    def check(self) -> None:
        if self.gone:
            raise BrokerUnreachable(f"the connection of {self.name} is broken")


class SimulatedBroker:
    def __init__(self, clock: FrozenClock, hand: Hand) -> None:
        self.clock = clock
        self.hand = hand
        self.down = False
        self.queues: dict[str, Queue] = defaultdict(Queue)
        self.bindings: dict[str, list[str]] = defaultdict(list)
        self.unbound: set[str] = set()  #: types whose messages are returned
        self.refusing: set[str] = set()  #: queues that take nothing
        self.connections: list[Connection] = []

    def declare(self, service: str, types: Sequence[str]) -> None:
        if self.down:
            raise BrokerUnreachable("the broker is down")
        for type in types:
            if service not in self.bindings[type]:
                self.bindings[type].append(service)

    def inlet(self, service: str, types: Sequence[str]) -> "SimulatedInlet":
        self.declare(service, types)
        return SimulatedInlet(self, self._connected(service), self.queues[service])

    def outlet(self, service: str) -> "SimulatedOutlet":
        self.declare(service, ())
        return SimulatedOutlet(self, self._connected(service))

    def _connected(self, name: str) -> Connection:
        connection = Connection(name)
        self.connections.append(connection)
        return connection

    @property
    def busy(self) -> bool:
        return any(each.sent or each.answers or each.closed for each in self.connections)

    @property
    def empty(self) -> bool:
        return not self.busy and not any(
            len(queue) or (queue.consumers[:1] and queue.consumers[0].holds) for queue in self.queues.values()
        )

    def turn(self) -> None:
        """Reads a little of what was sent to it, or lets a few confirms arrive."""
        busy = [each for each in self.connections if each.sent or each.answers or each.closed]
        if not busy:
            return
        connection = self.hand.choice(busy)
        if connection.answers and (not connection.sent or self.hand.chance(0.5)):
            self._answer(connection)
        else:
            self._read(connection, self.hand.choice((1, 3, 1000)))

    def _answer(self, connection: Connection) -> None:
        """Confirms come in any order."""
        self.hand.shuffle(connection.answers)
        count = self.hand.choice((1, len(connection.answers)))
        connection.landed += connection.answers[:count]
        del connection.answers[:count]

    def _read(self, connection: Connection, count: int) -> None:
        sent, connection.sent = connection.sent[:count], connection.sent[count:]
        for work in sent:
            work()
        if connection.closed and not connection.sent:
            self._forget(connection)

    def _forget(self, connection: Connection) -> None:
        connection.gone, connection.closed = True, False
        connection.sent, connection.answers, connection.landed = [], [], []
        if connection in self.connections:
            self.connections.remove(connection)
            connection.on_gone()

    def cut(self, connection: Connection) -> None:
        """In the middle: some of what was sent has arrived, nobody hears of it."""
        self._read(connection, self.hand.randint(0, len(connection.sent)))
        self._forget(connection)

    def go_down(self) -> None:
        """Queues are on disk: they stay."""
        self.down = True
        for connection in list(self.connections):
            self.cut(connection)

    def route(self, message: Outgoing) -> str | None:
        """Puts it on the queues that are bound; returns why not, where it was refused."""
        if message.type in self.unbound or not self.bindings[message.type]:
            return UNROUTABLE
        taking = [each for each in self.bindings[message.type] if each not in self.refusing]
        for service in taking:
            self.queues[service].put(message.body, self.hand)
        return None if len(taking) == len(self.bindings[message.type]) else REFUSED


class SimulatedOutlet:
    def __init__(self, broker: SimulatedBroker, connection: Connection) -> None:
        self._broker = broker
        self._connection = connection

    def publish(self, messages: Sequence[Outgoing]) -> None:
        self._connection.check()
        for message in messages:
            self._connection.sent.append(lambda message=message: self._arrived(message))  # type: ignore[misc]

    def _arrived(self, message: Outgoing) -> None:
        self._connection.answers.append(Outcome(message.event_id, self._broker.route(message)))

    def outcomes(self, timeout: float) -> list[Outcome]:
        connection = self._connection
        wait(self._broker.clock, timeout, lambda: bool(connection.landed or connection.gone))
        connection.check()
        landed, connection.landed = connection.landed, []
        return landed

    def close(self) -> None:
        self._connection.closed = not self._connection.gone


class SimulatedInlet:
    """A consumer, with the prefetch of chassis.broker.amqp."""

    def __init__(self, broker: SimulatedBroker, connection: Connection, queue: Queue) -> None:
        self._broker = broker
        self._connection = connection
        self._queue = queue
        self._tag = 0
        self._unacknowledged: dict[int, Held] = {}
        self._buffer: list[Delivery] = []
        queue.consumers.append(self)
        connection.on_gone = self._gone

    @property
    def holds(self) -> int:
        return len(self._unacknowledged)

    def receive(self, limit: int, timeout: float) -> list[Delivery]:
        self._connection.check()
        wait(self._broker.clock, timeout, lambda: self._connection.gone or self._has_some)
        self._connection.check()
        self._fetch()
        limit = self._broker.hand.choice((1, 3, limit, limit))
        received, self._buffer = self._buffer[:limit], self._buffer[limit:]
        return received

    @property
    def _has_some(self) -> bool:
        return bool(self._buffer) or (self._may_fetch > 0 and len(self._queue) > 0)

    @property
    def _may_fetch(self) -> int:
        return PREFETCH - self.holds if self.is_active else 0

    @property
    def is_active(self) -> bool:
        """The queue has a single active consumer: the first that came."""
        return self._queue.consumers[0] is self

    def _fetch(self) -> None:
        if self._may_fetch > 0:
            self._buffer += [self._deliver(message) for message in self._queue.take(self._may_fetch, self._broker.hand)]

    def _deliver(self, message: Held) -> Delivery:
        self._tag += 1
        self._unacknowledged[self._tag] = message
        suspect = message.deliveries >= SUSPECT and not message.dead
        return Delivery(message.body, {}, self._tag, message.dead, suspect)

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        wait(self._broker.clock, 0, lambda: True)
        self._connection.check()
        up_to = max(delivery.tag for delivery in deliveries)
        self._connection.sent.append(lambda: self._acknowledged(up_to))
        wait(self._broker.clock, 0, lambda: True)

    def _acknowledged(self, up_to: int) -> None:
        for tag in [tag for tag in self._unacknowledged if tag <= up_to]:
            del self._unacknowledged[tag]

    def _gone(self) -> None:
        self._queue.consumers.remove(self)
        self._queue.give_back([message for _, message in sorted(self._unacknowledged.items())])
        self._unacknowledged.clear()

    def idle(self) -> None:
        self._connection.check()

    def depth(self) -> int:
        self._connection.check()
        return len(self._queue.waiting) + len(self._queue.returned)

    def close(self) -> None:
        self._connection.closed = not self._connection.gone
