"""The four services that a referral passes, as a nameko user writes them."""

from collections.abc import Callable
from typing import Any

from nameko.events import EventDispatcher, event_handler

from bench.stock.units import Units, UnitsOfWork
from contracts.event import CATALOGUE
from services.evaluation import handlers as evaluation
from services.evaluation.wiring import wire as wire_evaluation
from services.notification import handlers as notification
from services.notification.domain import EMAIL, Delivery, DeliveryState
from services.notification.handlers.sending import outcome_of
from services.notification.handlers.texts import compose
from services.notification.wiring import wire as wire_notification
from services.placement import handlers as placement
from services.placement.wiring import wire as wire_placement
from services.referral import handlers as referral
from services.referral.wiring import wire as wire_referral


class Handling:
    """Decide and commit, then tell the others; nameko acknowledges when the method has returned."""

    units: Units
    dispatch: Callable[[str, Any], None]

    def handle(self, type: str, payload: dict[str, Any], handler: Callable[[Any, Any], None]) -> None:
        with self.units.begin() as unit:
            handler(unit, CATALOGUE[type].from_data(payload))
        for event in self.units.told:
            self.dispatch(event.TYPE, event.to_data())


class ReferralService(Handling):
    name = "referral"
    units = UnitsOfWork(wire_referral)
    dispatch = EventDispatcher()

    @event_handler("referral", "referral.submitted.v1")
    def decide_eligibility(self, payload: dict[str, Any]) -> None:
        self.handle("referral.submitted.v1", payload, referral.decide_eligibility)

    @event_handler("placement", "placement.waitlisted.v1")
    def note_waitlisted(self, payload: dict[str, Any]) -> None:
        self.handle("placement.waitlisted.v1", payload, referral.note_waitlisted)

    @event_handler("placement", "placement.placed.v1")
    def note_placed(self, payload: dict[str, Any]) -> None:
        self.handle("placement.placed.v1", payload, referral.note_placed)

    @event_handler("evaluation", "evaluation.enrolled.v1")
    def note_enrolled(self, payload: dict[str, Any]) -> None:
        self.handle("evaluation.enrolled.v1", payload, referral.note_enrolled)

    @event_handler("notification", "notification.delivered.v1")
    def note_delivered(self, payload: dict[str, Any]) -> None:
        self.handle("notification.delivered.v1", payload, referral.note_delivered)


class PlacementService(Handling):
    name = "placement"
    units = UnitsOfWork(wire_placement)
    dispatch = EventDispatcher()

    @event_handler("referral", "referral.accepted.v1")
    def place_participant(self, payload: dict[str, Any]) -> None:
        self.handle("referral.accepted.v1", payload, placement.place_participant)

    @event_handler("evaluation", "evaluation.wave_due.v1")
    def note_interview_due(self, payload: dict[str, Any]) -> None:
        self.handle("evaluation.wave_due.v1", payload, placement.note_interview_due)


class EvaluationService(Handling):
    name = "evaluation"
    units = UnitsOfWork(wire_evaluation)
    dispatch = EventDispatcher()

    @event_handler("placement", "placement.placed.v1")
    def enrol_participant(self, payload: dict[str, Any]) -> None:
        self.handle("placement.placed.v1", payload, evaluation.enrol_participant)


class NotificationService(Handling):
    """Writes the messages and sends the e-mails in the same go: nothing is left for a schedule."""

    name = "notification"
    units = UnitsOfWork(wire_notification)
    dispatch = EventDispatcher()

    @event_handler("referral", "referral.submitted.v1")
    def tell_submitted(self, payload: dict[str, Any]) -> None:
        self.handle("referral.submitted.v1", payload, tell)

    @event_handler("referral", "referral.information_needed.v1")
    def tell_information_needed(self, payload: dict[str, Any]) -> None:
        self.handle("referral.information_needed.v1", payload, tell)

    @event_handler("referral", "referral.accepted.v1")
    def tell_accepted(self, payload: dict[str, Any]) -> None:
        self.handle("referral.accepted.v1", payload, tell)

    @event_handler("referral", "referral.rejected.v1")
    def tell_rejected(self, payload: dict[str, Any]) -> None:
        self.handle("referral.rejected.v1", payload, tell)

    @event_handler("placement", "placement.waitlisted.v1")
    def tell_waitlisted(self, payload: dict[str, Any]) -> None:
        self.handle("placement.waitlisted.v1", payload, tell)

    @event_handler("placement", "placement.placed.v1")
    def tell_placed(self, payload: dict[str, Any]) -> None:
        self.handle("placement.placed.v1", payload, tell)

    @event_handler("evaluation", "evaluation.enrolled.v1")
    def tell_enrolled(self, payload: dict[str, Any]) -> None:
        self.handle("evaluation.enrolled.v1", payload, tell)

    @event_handler("evaluation", "evaluation.wave_due.v1")
    def tell_wave_due(self, payload: dict[str, Any]) -> None:
        self.handle("evaluation.wave_due.v1", payload, tell)


def tell(unit: Any, event: Any) -> None:
    notification.tell(unit, event)
    with unit.context.open_post() as post:
        for delivery in filter(is_to_be_sent, unit.messages.added):
            _send(unit, post, delivery)


def is_to_be_sent(delivery: Delivery) -> bool:
    return delivery.channel == EMAIL and delivery.state is DeliveryState.QUEUED


def _send(unit: Any, post: Any, delivery: Delivery) -> None:
    delivery.claim(unit.now)
    partner = unit.partners.get(delivery.message.partner)
    letter = compose(delivery.id, delivery.message, partner, unit.context.settings.public_url)
    unit.emit(*delivery.settle(outcome_of(post.send(letter, unit.now)), unit.now))
