"""What notification listens to, and what it does by the clock."""

from chassis import sessions
from chassis.worker import Service, every, on
from contracts.evaluation import EvaluationEnrolled, EvaluationWaveCompleted, EvaluationWaveDue
from contracts.event import Event
from contracts.identity import SessionsEnded
from contracts.placement import (
    PlacementContactChanged,
    PlacementEnded,
    PlacementOfferDeclined,
    PlacementOffered,
    PlacementOfferExpired,
    PlacementPaused,
    PlacementPlaced,
    PlacementResumed,
    PlacementStarted,
    PlacementWaitlisted,
)
from contracts.referral import (
    ReferralAccepted,
    ReferralErased,
    ReferralErasureAnnounced,
    ReferralInformationNeeded,
    ReferralRejected,
    ReferralSubmitted,
    ReferralWithdrawn,
)
from services.notification import handlers, wiring
from services.notification.store import Unit
from services.notification.wiring import NotificationContext


class NotificationService(Service):
    name = wiring.NAME
    wire = staticmethod(wiring.wire)
    prepare = staticmethod(handlers.load_batch)

    @on(ReferralSubmitted, ReferralInformationNeeded, ReferralAccepted, ReferralRejected, ReferralWithdrawn)
    def tell_of_the_referral(self, unit: Unit, event: Event) -> None:
        handlers.tell(unit, event)

    @on(PlacementWaitlisted, PlacementOffered, PlacementOfferDeclined, PlacementOfferExpired, PlacementPlaced)
    def tell_of_the_place(self, unit: Unit, event: Event) -> None:
        handlers.tell(unit, event)

    @on(PlacementStarted, PlacementPaused, PlacementResumed, PlacementEnded)
    def tell_of_the_participation(self, unit: Unit, event: Event) -> None:
        handlers.tell(unit, event)

    @on(PlacementContactChanged)
    def tell_of_the_contact(self, unit: Unit, event: Event) -> None:
        handlers.tell(unit, event)

    @on(EvaluationEnrolled, EvaluationWaveDue, EvaluationWaveCompleted)
    def tell_of_the_evaluation(self, unit: Unit, event: Event) -> None:
        handlers.tell(unit, event)

    @on(ReferralErasureAnnounced)
    def tell_of_the_erasure(self, unit: Unit, event: Event) -> None:
        handlers.tell(unit, event)

    @on(ReferralErased)
    def forget(self, unit: Unit, event: ReferralErased) -> None:
        handlers.forget(unit, event)

    @staticmethod
    def promptly(context: NotificationContext) -> None:
        """Whoever refers sees at once on the page who was told."""
        handlers.send_at_hand(context, context.open_post)

    @every(seconds=0.5)  # what is tried again, and what came in too great a rush
    def send_due_mail(self, context: NotificationContext) -> None:
        handlers.send_due_mail(context, context.open_post)

    @on(SessionsEnded)
    def end_sessions(self, unit: Unit, event: SessionsEnded) -> None:
        sessions.note_ended(unit, event.over, event.before)
