"""Brokers: RabbitMQ, and one inside the process. Both give each service one queue in and one way out."""

from collections.abc import Sequence
from typing import Protocol

from chassis.message import Delivery
from chassis.relay import BrokerUnreachable, Outlet

__all__ = ["Broker", "BrokerUnreachable", "Inlet", "open_broker", "queue_name"]

EXCHANGE = "ancrage.events"


def queue_name(service: str) -> str:
    """A queue's arguments can't change: with new ones it gets a new number."""
    return f"{EXCHANGE.split('.')[0]}.{service}.v1"


def dead_queue_name(service: str) -> str:
    return f"{EXCHANGE.split('.')[0]}.{service}.dead"


class Inlet(Protocol):
    """Where a service's messages come in. All methods raise BrokerUnreachable."""

    def receive(self, limit: int, timeout: float) -> list[Delivery]:
        """What has come, at most `limit`; waits up to `timeout` seconds for the first."""

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Gives back that these, the next ones received, have been handled."""

    def idle(self) -> None:
        """To be called while nothing can be received, so that the connection stays alive."""

    def depth(self) -> int:
        """Messages waiting in the queue, without those received."""

    def close(self) -> None:
        """Stops receiving; what was not acknowledged goes back."""


class Broker(Protocol):
    def declare(self, service: str, types: Sequence[str]) -> None:
        """Makes sure that the service's queue exists and is bound to these event types."""

    def inlet(self, service: str, types: Sequence[str]) -> Inlet: ...

    def outlet(self, service: str) -> Outlet: ...


def open_broker(url: str) -> Broker:
    """The broker at `url`; connects only when it is used."""
    if url.startswith("memory:"):
        from chassis.broker.memory import MemoryBroker

        return MemoryBroker()
    from chassis.broker.amqp import AmqpBroker

    return AmqpBroker(url)
