"""What the evaluation listens to, and what it does by the clock."""

from chassis import sessions
from chassis.context import Context
from chassis.worker import Service, every, on
from contracts.identity import SessionsEnded
from contracts.placement import (
    PlacementEnded,
    PlacementPaused,
    PlacementPlaced,
    PlacementResumed,
    PlacementStarted,
)
from contracts.referral import ReferralConsentWithdrawn, ReferralCostsReported, ReferralErased, ReferralWithdrawn
from services.evaluation import handlers, wiring
from services.evaluation.store import Unit


class EvaluationService(Service):
    name = wiring.NAME
    wire = staticmethod(wiring.wire)
    prepare = staticmethod(handlers.load_batch)

    @on(PlacementPlaced)
    def enrol_participant(self, unit: Unit, event: PlacementPlaced) -> None:
        handlers.enrol_participant(unit, event)

    @on(PlacementStarted)
    def note_first_day(self, unit: Unit, event: PlacementStarted) -> None:
        handlers.note_first_day(unit, event)

    @on(PlacementPaused)
    def note_pause(self, unit: Unit, event: PlacementPaused) -> None:
        handlers.note_pause(unit, event)

    @on(PlacementResumed)
    def note_return(self, unit: Unit, event: PlacementResumed) -> None:
        handlers.note_return(unit, event)

    @on(PlacementEnded)
    def note_end(self, unit: Unit, event: PlacementEnded) -> None:
        handlers.note_end(unit, event)

    @on(ReferralWithdrawn)
    def stop_asking(self, unit: Unit, event: ReferralWithdrawn) -> None:
        handlers.stop_asking(unit, event)

    @on(ReferralConsentWithdrawn)
    def respect_withdrawn_consent(self, unit: Unit, event: ReferralConsentWithdrawn) -> None:
        handlers.respect_withdrawn_consent(unit, event)

    @on(ReferralCostsReported)
    def note_costs(self, unit: Unit, event: ReferralCostsReported) -> None:
        handlers.note_costs(unit, event)

    @on(ReferralErased)
    def forget(self, unit: Unit, event: ReferralErased) -> None:
        handlers.forget(unit, event)

    @every(seconds=10)
    def announce_due_waves(self, context: Context) -> None:
        handlers.announce_due_waves(context)

    @on(SessionsEnded)
    def end_sessions(self, unit: Unit, event: SessionsEnded) -> None:
        sessions.note_ended(unit, event.over, event.before)
