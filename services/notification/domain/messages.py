"""A message in a partner's inbox, and its way there."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from contracts.event import Event
from contracts.notification import NotificationAcknowledged, NotificationDelivered, NotificationFailed
from services.notification.domain.errors import IllegalTransition

INBOX = "inbox"
EMAIL = "email"

#: how long to wait after each attempt that failed; after the last one the delivery has failed (our choice)
RETRY_AFTER = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
)
#: a delivery claimed for longer than this was lost with its worker, and is sent again under the same Message-ID
LEASE = timedelta(minutes=2)


@dataclass(eq=False)
class Message:
    """What a partner is told; there from the moment it is written, whatever becomes of the e-mail."""

    id: str
    partner: str
    about: str  #: type of the event
    reference: str  #: the referral; never shown to partners who may not see it
    label: str | None  #: the reference, a pseudonym or nothing
    facts: dict[str, Any]
    created_at: datetime
    cause_id: str | None = None  #: the event that it tells of
    correlation_id: str | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None

    def acknowledge(self, by: str, now: datetime) -> list[Event]:
        """Marks it as read by the person with the id `by`; only the first time counts."""
        if self.acknowledged_at is not None:
            return []
        self.acknowledged_at, self.acknowledged_by = now, by
        told = NotificationAcknowledged(reference=self.reference, partner=self.partner, channel=INBOX, about=self.about)
        return [told]


class DeliveryState(StrEnum):
    QUEUED = "queued"  #: to be sent at the next occasion
    SENDING = "sending"  #: claimed by a worker, for as long as LEASE
    SENT = "sent"  #: taken over by the mail server, or readable in the inbox where there is no address
    RETRYING = "retrying"  #: an attempt failed; the next one is planned
    FAILED = "failed"  #: will not arrive without someone's help


_WAITING = (DeliveryState.QUEUED, DeliveryState.RETRYING)
TRANSITIONS: dict[str, dict[DeliveryState, DeliveryState]] = {
    "claim": dict.fromkeys((*_WAITING, DeliveryState.SENDING), DeliveryState.SENDING),
    "sent": {DeliveryState.SENDING: DeliveryState.SENT, DeliveryState.QUEUED: DeliveryState.SENT},
    "try later": {DeliveryState.SENDING: DeliveryState.RETRYING},
    "give up": {DeliveryState.SENDING: DeliveryState.FAILED},
    "release": {DeliveryState.SENDING: DeliveryState.QUEUED},
    "retry": dict.fromkeys((DeliveryState.RETRYING, DeliveryState.FAILED), DeliveryState.QUEUED),
}


@dataclass(frozen=True)
class Sent:
    """The mail server has taken it over."""


@dataclass(frozen=True)
class NotSent:
    """It was not taken; `cause` is a code of the contract (refused, unreachable, bad_address)."""

    cause: str
    permanent: bool
    detail: str = ""  #: the mail server's own words


@dataclass(frozen=True)
class NotTried:
    """There was no time left to try."""


Outcome = Sent | NotSent | NotTried


@dataclass(eq=False)
class Delivery:
    """One way on which a message reaches its partner."""

    id: str
    message: Message
    channel: str
    state: DeliveryState = DeliveryState.QUEUED
    attempts: int = 0
    next_attempt_at: datetime | None = None
    cause: str | None = None
    detail: str | None = None
    sent_at: datetime | None = None

    def claim(self, now: datetime) -> None:
        self._go("claim")
        self.attempts += 1
        self.next_attempt_at = now + LEASE

    def settle(self, outcome: Outcome, now: datetime) -> list[Event]:
        """Notes what became of an attempt; only a delivery that is being sent can still be settled."""
        if self.state is not DeliveryState.SENDING:
            return []  # another worker settled it after our claim had run out
        if isinstance(outcome, Sent):
            return self.sent(now)
        if isinstance(outcome, NotTried):
            return self._release(now)
        return self._not_sent(outcome, now)

    def sent(self, now: datetime) -> list[Event]:
        self._go("sent")
        self.sent_at, self.next_attempt_at, self.cause, self.detail = now, None, None, None
        told = NotificationDelivered(
            reference=self.message.reference,
            partner=self.message.partner,
            channel=self.channel,
            about=self.message.about,
        )
        return [told]

    def retry(self, now: datetime) -> None:
        """Somebody has mended the cause: begin again."""
        self._go("retry")
        self.attempts, self.next_attempt_at = 0, now

    def _release(self, now: datetime) -> list[Event]:
        self._go("release")
        self.attempts -= 1
        self.next_attempt_at = now
        return []

    def _not_sent(self, outcome: NotSent, now: datetime) -> list[Event]:
        self.cause, self.detail = outcome.cause, outcome.detail[:300]
        if outcome.permanent or self.attempts > len(RETRY_AFTER):
            return self._give_up(outcome)
        self._go("try later")
        self.next_attempt_at = now + RETRY_AFTER[self.attempts - 1]
        return []

    def _give_up(self, outcome: NotSent) -> list[Event]:
        self._go("give up")
        self.next_attempt_at = None
        told = NotificationFailed(
            reference=self.message.reference,
            partner=self.message.partner,
            channel=self.channel,
            about=self.message.about,
            cause=outcome.cause,
        )
        return [told]

    def _go(self, transition: str) -> None:
        if self.state not in TRANSITIONS[transition]:
            raise IllegalTransition(f"{transition} in state {self.state}")
        self.state = TRANSITIONS[transition][self.state]


@dataclass(eq=False)
class Subject:
    """What we know of a referral: whom it concerns. Placement and evaluation don't say that."""

    reference: str
    area: str | None = None
    region: str | None = None
    erased: bool = False  #: only the reference stays, so that nothing late brings the rest back

    def learn(self, area: str | None, region: str | None) -> bool:
        """Takes over what an event says; says whether the area has become known by it."""
        found = self.area is None and area is not None and not self.erased
        if not self.erased:
            self.area, self.region = area or self.area, region or self.region
        return found

    def erase(self) -> None:
        self.area, self.region, self.erased = None, None, True


@dataclass(eq=False)
class HeldNews:
    """News for a CMS that waits until it is known which: publishers are not ordered among each other."""

    about: str
    reference: str
    region: str | None
    facts: dict[str, Any]
    held_at: datetime
    cause_id: str | None = None
    correlation_id: str | None = None
    id: int | None = None  #: counted up by the store: the order in which it was held back
