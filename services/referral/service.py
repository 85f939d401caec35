"""The worker of the referral service: what it listens to."""

from chassis import sessions
from chassis.worker import Service, every, on
from contracts import evaluation, notification, placement
from contracts.identity import SessionsEnded
from contracts.referral import ReferralSubmitted
from services.referral import handlers, wiring
from services.referral.handlers import importing
from services.referral.store import Unit
from services.referral.wiring import ReferralContext


class ReferralService(Service):
    """Decides eligibility, and notes what the others do with a referral."""

    name = wiring.NAME
    wire = staticmethod(wiring.wire)
    prepare = staticmethod(handlers.load_batch)

    @on(ReferralSubmitted)
    def decide_eligibility(self, unit: Unit, event: ReferralSubmitted) -> None:
        handlers.decide_eligibility(unit, event)

    @on(placement.PlacementWaitlisted)
    def note_waitlisted(self, unit: Unit, event: placement.PlacementWaitlisted) -> None:
        handlers.note_waitlisted(unit, event)

    @on(placement.PlacementOffered)
    def note_offered(self, unit: Unit, event: placement.PlacementOffered) -> None:
        handlers.note_offered(unit, event)

    @on(placement.PlacementOfferDeclined)
    def note_offer_declined(self, unit: Unit, event: placement.PlacementOfferDeclined) -> None:
        handlers.note_offer_declined(unit, event)

    @on(placement.PlacementOfferExpired)
    def note_offer_expired(self, unit: Unit, event: placement.PlacementOfferExpired) -> None:
        handlers.note_offer_expired(unit, event)

    @on(placement.PlacementPlaced)
    def note_placed(self, unit: Unit, event: placement.PlacementPlaced) -> None:
        handlers.note_placed(unit, event)

    @on(placement.PlacementStarted)
    def note_started(self, unit: Unit, event: placement.PlacementStarted) -> None:
        handlers.note_started(unit, event)

    @on(placement.PlacementPaused)
    def note_paused(self, unit: Unit, event: placement.PlacementPaused) -> None:
        handlers.note_paused(unit, event)

    @on(placement.PlacementResumed)
    def note_resumed(self, unit: Unit, event: placement.PlacementResumed) -> None:
        handlers.note_resumed(unit, event)

    @on(placement.PlacementEnded)
    def note_ended(self, unit: Unit, event: placement.PlacementEnded) -> None:
        handlers.note_ended(unit, event)

    @on(evaluation.EvaluationEnrolled)
    def note_enrolled(self, unit: Unit, event: evaluation.EvaluationEnrolled) -> None:
        handlers.note_enrolled(unit, event)

    @on(notification.NotificationDelivered)
    def note_delivered(self, unit: Unit, event: notification.NotificationDelivered) -> None:
        handlers.note_delivered(unit, event)

    @on(notification.NotificationFailed)
    def note_failed(self, unit: Unit, event: notification.NotificationFailed) -> None:
        handlers.note_failed(unit, event)

    @on(notification.NotificationAcknowledged)
    def note_acknowledged(self, unit: Unit, event: notification.NotificationAcknowledged) -> None:
        handlers.note_acknowledged(unit, event)

    @on(SessionsEnded)
    def end_sessions(self, unit: Unit, event: SessionsEnded) -> None:
        sessions.note_ended(unit, event.over, event.before)

    @every(seconds=1)
    def import_files(self, context: ReferralContext) -> None:
        importing.import_some(context)

    @every(seconds=3600)
    def forget_what_is_old(self, context: ReferralContext) -> None:
        with context.unit() as unit:
            handlers.forget_answers(unit)
            importing.forget_imports(unit)

    @every(seconds=3600)
    def keep_no_longer(self, context: ReferralContext) -> None:
        handlers.announce_erasures(context)
        handlers.erase_due(context)
        handlers.forget_old_drafts(context)
