"""RabbitMQ through kombu: quorum queues, confirms matched by tag, mandatory publishing.

The confirms are our own: py-amqp's `basic_publish_confirm` takes any acknowledgement for its own, and waits for each.
"""

import time
from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from amqp.exceptions import AMQPError, NotFound
from kombu import Connection, Exchange, Queue
from kombu.exceptions import KombuError

from chassis.broker import EXCHANGE, dead_queue_name, queue_name
from chassis.message import Delivery
from chassis.relay import BrokerUnreachable, Outcome, Outgoing

CONNECT_TIMEOUT_S = 5
WRITE_TIMEOUT_S = 10  #: a blocked connection (memory alarm) takes no more bytes, and says nothing
CONFIRM_TIMEOUT_S = 30  #: without any confirm for so long, the connection is thrown away
HEARTBEAT_S = 60
PREFETCH = 300  #: three batches; a quorum queue allows 2,000
#: a message that came back so often may be what kills the worker: the consumer takes it with care
SUSPECT = 2
#: deliveries of one message after which the broker gives it up, should nobody else have. An argument and not a
#: policy: without it such a message could come back for ever, whoever set the broker up
DELIVERY_LIMIT = 10


class AmqpBroker:
    def __init__(self, url: str) -> None:
        self._url = url

    def declare(self, service: str, types: Sequence[str]) -> None:
        with _trouble(), self._connect() as connection:
            _declare(connection, service, types)

    def inlet(self, service: str, types: Sequence[str]) -> "AmqpInlet":
        with _trouble():
            connection = self._connect()
            _declare(connection, service, types)
            return AmqpInlet(connection, service)

    def outlet(self, service: str) -> "AmqpOutlet":
        with _trouble():
            return AmqpOutlet(self._connect())

    def _connect(self) -> Connection:
        options = {"write_timeout": WRITE_TIMEOUT_S, "max_retries": 0}
        connection = Connection(
            self._url, connect_timeout=CONNECT_TIMEOUT_S, heartbeat=HEARTBEAT_S, transport_options=options
        )
        connection.connect()
        return connection


class AmqpInlet:
    """One channel on the service's queue and on its dead letters.

    It asks for a whole prefetch at once. What a dead consumer held goes back in its order, but behind what is still
    there of what others gave back before: whoever takes all of that in one go keeps the order, however often they die.
    """

    def __init__(self, connection: Connection, service: str) -> None:
        self._connection = connection
        self._received: deque[Delivery] = deque()
        self._channel = connection.channel()
        self._channel.basic_qos(0, PREFETCH, False)
        self._channel.basic_consume(queue_name(service), consumer_tag="live", callback=self._take)
        self._channel.basic_consume(dead_queue_name(service), consumer_tag="dead", callback=self._take_dead)
        self._queue = queue_name(service)

    def _take(self, message: Any) -> None:
        self._received.append(_delivery(message, dead=False))

    def _take_dead(self, message: Any) -> None:
        self._received.append(_delivery(message, dead=True))

    def receive(self, limit: int, timeout: float) -> list[Delivery]:
        with _trouble():
            self._connection.heartbeat_check()
            until = time.monotonic() + timeout
            while not self._received and (left := until - time.monotonic()) > 0:
                _drain(self._connection, left)
            while len(self._received) < limit and _drain(self._connection, 0):
                pass
        return [self._received.popleft() for _ in range(min(limit, len(self._received)))]

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        if not deliveries:
            return
        with _trouble():
            # what came before has been acknowledged already, so one "up to here" stands for all of them
            self._channel.basic_ack(max(delivery.tag for delivery in deliveries), multiple=True)

    def idle(self) -> None:
        with _trouble():
            self._connection.heartbeat_check()
            _drain(self._connection, 0)

    def depth(self) -> int:
        with _trouble():
            return int(self._channel.queue_declare(self._queue, passive=True).message_count)

    def close(self) -> None:
        _close(self._connection)


class AmqpOutlet:
    """One channel in confirm mode; each publishing is matched with its own confirm."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._channel = connection.channel()
        self._channel.confirm_select()
        self._channel.events["basic_ack"].add(self._acked)
        self._channel.events["basic_nack"].add(self._nacked)
        self._channel.events["basic_return"].add(self._returned)
        self._tag = 0
        self._unconfirmed: OrderedDict[int, str] = OrderedDict()
        self._refused: dict[str, str] = {}
        self._landed: list[Outcome] = []
        self._progress = time.monotonic()

    def publish(self, messages: Sequence[Outgoing]) -> None:
        with _trouble():
            if not self._unconfirmed:
                self._progress = time.monotonic()
            for message in messages:
                self._tag += 1
                self._unconfirmed[self._tag] = message.event_id
                self._channel.basic_publish(
                    self._channel.prepare_message(
                        message.body,
                        content_type=message.content_type,
                        content_encoding="utf-8",
                        properties={"delivery_mode": 2, "message_id": message.event_id, "type": message.type},
                    ),
                    exchange=EXCHANGE,
                    routing_key=message.type,
                    mandatory=True,
                )

    def outcomes(self, timeout: float) -> list[Outcome]:
        with _trouble():
            self._connection.heartbeat_check()
            until = time.monotonic() + timeout
            while self._unconfirmed and not self._landed and (left := until - time.monotonic()) > 0:
                _drain(self._connection, left)
            while _drain(self._connection, 0):
                pass
        if self._unconfirmed and time.monotonic() - self._progress > CONFIRM_TIMEOUT_S:
            raise BrokerUnreachable(f"no confirm for {CONFIRM_TIMEOUT_S} s")
        landed, self._landed = self._landed, []
        return landed

    def _acked(self, tag: int, multiple: bool) -> None:
        self._land(tag, multiple, None)

    def _nacked(self, tag: int, multiple: bool) -> None:
        self._land(tag, multiple, "the broker refused it")

    def _returned(self, error: Exception, exchange: str, routing_key: str, message: Any) -> None:
        # the return of a message comes before its confirm
        self._refused[message.properties["message_id"]] = "nobody is bound to this type"

    def _land(self, tag: int, multiple: bool, refused: str | None) -> None:
        self._progress = time.monotonic()
        tags = [each for each in self._unconfirmed if each <= tag] if multiple else [tag]
        for each in tags:
            event_id = self._unconfirmed.pop(each, None)
            if event_id is not None:
                self._landed.append(Outcome(event_id, refused or self._refused.pop(event_id, None)))

    def close(self) -> None:
        _close(self._connection)


def _delivery(message: Any, *, dead: bool) -> Delivery:
    body = message.body.encode() if isinstance(message.body, str) else bytes(message.body)
    headers = dict(message.headers or {})
    suspect = not dead and int(headers.get("x-delivery-count") or 0) >= SUSPECT
    return Delivery(body, headers, message.delivery_info["delivery_tag"], dead, suspect)


def _declare(connection: Connection, service: str, types: Sequence[str]) -> None:
    exchange = Exchange(EXCHANGE, type="topic", durable=True)
    _ensure_exchange(connection, exchange)
    with connection.channel() as channel:
        dead = Queue(dead_queue_name(service), durable=True, queue_arguments={"x-queue-type": "quorum"})
        dead(channel).declare()
        live = Queue(queue_name(service), durable=True, queue_arguments=_arguments(service))
        live(channel).queue_declare()
        for type in types:
            channel.queue_bind(live.name, exchange=EXCHANGE, routing_key=type)


def _arguments(service: str) -> dict[str, Any]:
    return {
        "x-queue-type": "quorum",
        "x-single-active-consumer": True,  # order per subject needs one consumer at a time
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": dead_queue_name(service),
    }


def _ensure_exchange(connection: Connection, exchange: Exchange) -> None:
    # in production the exchange is there already, and a service's user may not make it
    try:
        with connection.channel() as channel:
            exchange(channel).declare(passive=True)
    except NotFound:
        with connection.channel() as channel:
            exchange(channel).declare()


def _drain(connection: Connection, timeout: float) -> bool:
    """Takes in one frame; False where none came in time, or none is there when there is no time."""
    try:
        connection.drain_events(timeout=timeout)
    except TimeoutError:
        return False
    return True


def _close(connection: Connection) -> None:
    try:
        connection.release()
    except (OSError, AMQPError, KombuError):
        return  # it was broken already: nothing is left to close


@contextmanager
def _trouble() -> Iterator[None]:
    """Whatever goes wrong with a connection is one thing to those above: throw it away and connect anew."""
    try:
        yield
    except (OSError, AMQPError, KombuError) as error:
        raise BrokerUnreachable(f"{type(error).__name__}: {error}") from error
