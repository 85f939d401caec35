"""A message as it came from the broker, and what could be read in it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from marshmallow import ValidationError

from chassis.envelope import Envelope, Undecodable, apart
from chassis.unit import Emittable


class Permanent(Exception):
    """Trying again will not help: the message itself must change."""


class Unreadable(Permanent):
    """The message is no envelope."""


class UnknownType(Permanent):
    """The service has no handler for events of this type."""


class AgainstSchema(Permanent):
    """The event's data is not what its type promises."""


class StrangersMessage(AgainstSchema):
    """Against its schema, and not even from the publisher that its type names: put there by hand."""


class KilledTheWorker(Permanent):
    """The worker died while it handled this, more than once; or the broker gave the message up."""


class PerhapsHandled(Permanent):
    """So old that the inbox may have forgotten it: only somebody who looks can say whether it was handled before."""


#: names of the errors of messages that hold no later one
HOLDING_NOTHING = tuple(error.__name__ for error in (Unreadable, UnknownType, StrangersMessage))


@dataclass(frozen=True)
class Delivery:
    """Raw bytes from a queue. `tag` is the broker's own handle, for the acknowledgement."""

    body: bytes
    headers: Mapping[str, Any] = field(default_factory=dict)
    tag: Any = None
    dead: bool = False  #: from the dead-letter queue
    suspect: bool = False  #: came back so often that it may be what the worker dies of


@dataclass(frozen=True)
class Message:
    """A delivery, read. Either `event` or `error` is set."""

    event_id: str
    body: bytes
    headers: Mapping[str, Any]
    type: str | None = None
    subject: str | None = None
    source: str | None = None
    envelope: Envelope | None = None
    event: Emittable | None = None
    error: Permanent | None = None

    @property
    def erases(self) -> bool:
        """Whether the event says that nothing may be known of its subject any more."""
        return bool(getattr(self.event, "ERASES", False))

    @property
    def holds_subject(self) -> bool:
        """Whether later events of the same subject must wait when this one fails.

        Not so for what no publisher of ours meant for this service: nothing can depend on it.
        """
        return self.subject is not None and type(self.error).__name__ not in HOLDING_NOTHING


def read_all(deliveries: Sequence[Delivery], events: Mapping[str, Any]) -> list[Message]:
    """What is in deliveries, in order. Never raises."""
    return [read(replace(delivery, body=body), events) for delivery in deliveries for body in apart(delivery.body)]


def read(delivery: Delivery, events: Mapping[str, Any]) -> Message:
    """What is in a delivery of one event; `events` are the event classes the service handles, by type. Never raises."""
    body, headers = delivery.body, delivery.headers
    try:
        envelope = Envelope.decode(body)
    except Undecodable as error:
        digest = hashlib.sha256(body).hexdigest()[:32]
        return Message(f"raw-{digest}", body, headers, error=Unreadable(str(error)))
    event, wrong = _event(envelope, events)
    if delivery.dead:
        event, wrong = None, KilledTheWorker("the worker died each time it handled this")
    return Message(envelope.id, body, headers, envelope.type, envelope.subject, envelope.source, envelope, event, wrong)


def _event(envelope: Envelope, events: Mapping[str, Any]) -> tuple[Emittable | None, Permanent | None]:
    if envelope.type not in events:
        return None, UnknownType(f"no handler for {envelope.type}")
    try:
        return events[envelope.type].from_data(envelope.data), None
    except ValidationError as error:
        # field names and rules only: the values may be anybody's
        wrong = "; ".join(f"{name}: {_said(said)}" for name, said in sorted(error.normalized_messages().items()))
        from_publisher = envelope.source == envelope.type.partition(".")[0]
        return None, AgainstSchema(wrong) if from_publisher else StrangersMessage(wrong)


def _said(messages: Any) -> str:
    return " ".join(messages) if isinstance(messages, list) else str(messages)
