"""What the notification service tells the others."""

from dataclasses import field

from marshmallow.validate import OneOf

from contracts.event import Event, event

CHANNELS = ("inbox", "email", "webhook")
_CHANNEL = {"validate": OneOf(CHANNELS)}


@event("notification.delivered.v1")
class NotificationDelivered(Event):
    """A partner was told."""

    partner: str  #: code: cms-<area>, oseo-valais, ville-de-sion, hes-so, sas
    channel: str = field(metadata=_CHANNEL)
    about: str  #: type of the event that the partner was told of


@event("notification.failed.v1")
class NotificationFailed(Event):
    """A partner could not be told, and will not be without someone's help."""

    partner: str
    channel: str = field(metadata=_CHANNEL)
    about: str
    cause: str  #: a code: refused, unreachable, bad_address


@event("notification.acknowledged.v1")
class NotificationAcknowledged(Event):
    """Somebody at the partner's marked the message as read."""

    partner: str
    channel: str = field(metadata=_CHANNEL)
    about: str
