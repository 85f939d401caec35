"""What placement listens to, and what it does by the clock."""

from chassis import sessions
from chassis.context import Context
from chassis.worker import Service, every, on
from contracts.evaluation import EvaluationWaveCompleted, EvaluationWaveDue
from contracts.identity import SessionsEnded
from contracts.referral import ReferralAccepted, ReferralContactCorrected, ReferralErased, ReferralWithdrawn
from services.placement import handlers, wiring
from services.placement.store import Unit


class PlacementService(Service):
    name = wiring.NAME
    wire = staticmethod(wiring.wire)
    prepare = staticmethod(handlers.load_batch)

    @on(ReferralAccepted)
    def place_participant(self, unit: Unit, event: ReferralAccepted) -> None:
        handlers.place_participant(unit, event)

    @on(ReferralContactCorrected)
    def take_contact(self, unit: Unit, event: ReferralContactCorrected) -> None:
        handlers.take_contact(unit, event)

    @on(ReferralWithdrawn)
    def withdraw(self, unit: Unit, event: ReferralWithdrawn) -> None:
        handlers.withdraw(unit, event)

    @on(ReferralErased)
    def erase(self, unit: Unit, event: ReferralErased) -> None:
        handlers.erase(unit, event)

    @on(EvaluationWaveDue)
    def note_interview_due(self, unit: Unit, event: EvaluationWaveDue) -> None:
        handlers.note_interview_due(unit, event)

    @on(EvaluationWaveCompleted)
    def note_interview_done(self, unit: Unit, event: EvaluationWaveCompleted) -> None:
        handlers.note_interview_done(unit, event)

    @every(seconds=30)
    def expire_offers(self, context: Context) -> None:
        handlers.expire_offers(context)

    @on(SessionsEnded)
    def end_sessions(self, unit: Unit, event: SessionsEnded) -> None:
        sessions.note_ended(unit, event.over, event.before)
