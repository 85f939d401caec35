"""What the evaluation does when it is told something: load, decide, commit.

Publishers' events may arrive in any order between them: a withdrawal or an erasure that comes before the placement
leaves a tombstone, and costs that come before it wait under the pseudonym until the consent is known.
"""

from collections.abc import Sequence
from datetime import date

from chassis.context import Context
from contracts.event import Event
from contracts.placement import (
    PlacementEnded,
    PlacementPaused,
    PlacementPlaced,
    PlacementResumed,
    PlacementStarted,
)
from contracts.referral import ReferralConsentWithdrawn, ReferralCostsReported, ReferralErased, ReferralWithdrawn
from services.evaluation.domain import State, enrol, refuse, refused, tombstone
from services.evaluation.store import Unit

ANNOUNCED_AT_ONCE = 200  #: participants in one transaction of the schedule


def load_batch(unit: Unit, events: Sequence[Event]) -> None:
    unit.participations.load(event.reference for event in events)
    unit.costs.load(event.reference for event in events)


def enrol_participant(unit: Unit, event: PlacementPlaced) -> None:
    known = unit.participations.find(event.reference)
    if known is not None:
        unit.emit(*known.expect(event.starts_on, unit.today))
    elif event.evaluation_consent:
        _enrol(unit, event)
    else:
        _note_refusal(unit, event)


def _enrol(unit: Unit, event: PlacementPlaced) -> None:
    participation = enrol(
        id=unit.new_id(),
        reference=event.reference,
        pseudonym=event.pseudonym,
        birth_year=event.birth_year,
        sex=event.sex,
        region=event.region,
        language=event.language,
        starts_on=event.starts_on,
        today=unit.today,
    )
    unit.participations.add(participation)
    # T0 is to be asked from today: no need to wait for the schedule to find it
    unit.emit(participation.enrolled(), *participation.announce(unit.today))


def _note_refusal(unit: Unit, event: PlacementPlaced) -> None:
    unit.participations.add(refuse(id=unit.new_id(), reference=event.reference, region=event.region))
    unit.costs.forget(event.reference)
    unit.emit(refused(event.reference, event.pseudonym))


def note_first_day(unit: Unit, event: PlacementStarted) -> None:
    unit.emit(*unit.participations.get(event.reference).start(event.on, unit.today))


def note_pause(unit: Unit, event: PlacementPaused) -> None:
    unit.emit(*unit.participations.get(event.reference).pause(event.on))


def note_return(unit: Unit, event: PlacementResumed) -> None:
    unit.emit(*unit.participations.get(event.reference).resume(event.on))


def note_end(unit: Unit, event: PlacementEnded) -> None:
    """Who only waited for a place was never enrolled: there is nothing to end."""
    participation = unit.participations.find(event.reference)
    if participation is not None:
        unit.emit(*participation.end(event.on, event.reason))


def stop_asking(unit: Unit, event: ReferralWithdrawn) -> None:
    participation = unit.participations.find(event.reference)
    if participation is not None:
        unit.emit(*participation.withdraw())
    else:
        _bury(unit, event.reference, State.WITHDRAWN)


def respect_withdrawn_consent(unit: Unit, event: ReferralConsentWithdrawn) -> None:
    participation = unit.participations.find(event.reference)
    if participation is not None:
        unit.emit(*participation.leave())
    else:
        _bury(unit, event.reference, State.LEFT)


def _bury(unit: Unit, reference: str, state: State) -> None:
    """A placement that is told later must not enrol the person."""
    unit.participations.add(tombstone(unit.new_id(), reference, state))
    unit.costs.forget(reference)


def note_costs(unit: Unit, event: ReferralCostsReported) -> None:
    participation = unit.participations.find(event.reference)
    if participation is None or not participation.closed:
        unit.costs.note(event.reference, event.pseudonym, event.period, event.chf, unit.now)


def forget(unit: Unit, event: ReferralErased) -> None:
    """With consent and nothing said against it the answers stay, and nobody can tell any more whose they are."""
    participation = unit.participations.find(event.reference)
    if event.answers_stay and participation is not None and participation.state is State.ENDED:
        unit.costs.rename(event.reference, participation.id)
        participation.cut_off()
        return
    unit.costs.forget(event.reference)
    if participation is not None:
        unit.emit(*participation.erase())
    else:
        unit.participations.add(tombstone(unit.new_id(), event.reference, State.ERASED))


def announce_due_waves(context: Context) -> None:
    """Tells the others of each wave whose day has come, some participants at a time."""
    while True:
        with context.unit() as unit:
            due = unit.participations.with_waves_come_due(unit.today, ANNOUNCED_AT_ONCE)
            for participation in due:
                unit.emit(*participation.announce(unit.today))
        if len(due) < ANNOUNCED_AT_ONCE:
            return


def complete_wave(unit: Unit, participation_id: str, code: str, on: date) -> None:
    """Raises ParticipantNotFound, WaveNotOpen, WaveTooEarly."""
    unit.emit(*unit.participations.by_id(participation_id).complete(code, on))
