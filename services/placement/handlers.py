"""What placement does: one function per event that it hears, and one per command of the host's pages.

Load, decide, commit. Whatever frees a place gives it on in the same transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chassis.context import Context
from contracts.evaluation import EvaluationWaveCompleted, EvaluationWaveDue
from contracts.event import Event
from contracts.referral import ReferralAccepted, ReferralContactCorrected, ReferralErased, ReferralWithdrawn
from services.placement.domain import Group, Mode, Participation, erased_before, withdrawn_before
from services.placement.store import Unit, offers_due

EXPIRED_AT_ONCE = 100  #: offers in one transaction of the schedule

_ENTERED_IN_ERROR = "entered_in_error"


def load_batch(unit: Unit, events: Sequence[Event]) -> None:
    """Loads what a batch needs, however many events it has: at most four SELECTs."""
    moving = {event.reference for event in events if isinstance(event, ReferralWithdrawn | ReferralErased)}
    programmes = {(event.region, event.language) for event in events if isinstance(event, ReferralAccepted)}
    unit.load(moving, {event.reference for event in events}, programmes)


def place_participant(unit: Unit, event: ReferralAccepted) -> None:
    """Whoever is known already, be it as withdrawn or erased, is left as they are."""
    if unit.participations.find(event.reference) is not None:
        return
    participation = _participation(unit, event)
    unit.participations.add(participation)
    unit.emit(*unit.programmes.get(event.region, event.language).admit(participation, unit.now))


def take_contact(unit: Unit, event: ReferralContactCorrected) -> None:
    """Who was taken back or erased meanwhile is known by the reference alone, and stays so."""
    participation = unit.participations.find(event.reference)
    if participation is not None and participation.region is not None:
        unit.emit(*participation.take_contact(event.contact))


def withdraw(unit: Unit, event: ReferralWithdrawn) -> None:
    reason = _ENTERED_IN_ERROR if event.reason == _ENTERED_IN_ERROR else "withdrawn"
    participation = unit.participations.find(event.reference)
    if participation is None:
        unit.participations.add(withdrawn_before(event.reference, reason, unit.now))
    elif participation.is_open:
        programme = unit.programmes.get(participation.region, participation.language)
        unit.emit(*programme.withdraw(participation, reason, unit.now))


def erase(unit: Unit, event: ReferralErased) -> None:
    participation = unit.participations.find(event.reference)
    if participation is None:
        unit.participations.add(erased_before(event.reference, unit.now))
    elif participation.region is not None:
        unit.participations.count_erased(participation)
        programme = unit.programmes.get(participation.region, participation.language)
        unit.emit(*programme.erase(participation, unit.now))


def note_interview_due(unit: Unit, event: EvaluationWaveDue) -> None:
    participation = unit.participations.find(event.reference)
    if participation is not None and participation.region is not None:
        participation.note_interview_due(event.wave, event.due_on)


def note_interview_done(unit: Unit, event: EvaluationWaveCompleted) -> None:
    participation = unit.participations.find(event.reference)
    if participation is not None and participation.region is not None:
        participation.note_interview_done(event.wave)


def expire_offers(context: Context) -> None:
    """Lets go every offer whose time is over; each goes to the next in the same transaction."""
    while True:
        with context.reading() as session:
            references = offers_due(session, context.clock.now(), EXPIRED_AT_ONCE)
        if not references:
            return
        with context.unit() as unit:
            unit.load(references)
            for reference in references:
                expire_offer(unit, reference)


def expire_offer(unit: Unit, reference: str) -> None:
    """Unless somebody answered in the meantime."""
    programme, participation = unit.lock(reference)
    if participation.offered_until is not None and participation.offered_until <= unit.now:
        unit.emit(*programme.expire(participation, unit.now))


def accept_offer(unit: Unit, reference: str, starts_on: date | None = None) -> None:
    """Raises ParticipationNotFound, IllegalTransition."""
    programme, participation = unit.lock(reference)
    unit.emit(*programme.accept(participation, starts_on, unit.now))


def decline_offer(unit: Unit, reference: str, reason: str) -> None:
    """For now: the person waits on until ready again. Raises as `accept_offer`, and UnknownReason."""
    programme, participation = unit.lock(reference)
    unit.emit(*programme.decline(participation, reason, unit.now))


def rejoin(unit: Unit, reference: str) -> None:
    """Raises ParticipationNotFound, IllegalTransition."""
    programme, participation = unit.lock(reference)
    unit.emit(*programme.rejoin(participation, unit.now))


def start(unit: Unit, reference: str, on: date) -> None:
    """First attendance, or its day put right. Raises as `accept_offer`, and DayTooLate, DayTooEarly."""
    programme, participation = unit.lock(reference)
    unit.emit(*programme.start(participation, on, unit.now))


def pause(unit: Unit, reference: str, on: date, reason: str) -> None:
    """Raises as `start`, and UnknownReason."""
    programme, participation = unit.lock(reference)
    unit.emit(*programme.pause(participation, on, reason, unit.now))


def resume(unit: Unit, reference: str, on: date) -> None:
    """Raises as `start`."""
    programme, participation = unit.lock(reference)
    unit.emit(*programme.resume(participation, on, unit.now))


def end(unit: Unit, reference: str, on: date, reason: str) -> None:
    """Raises as `start`, and UnknownReason."""
    programme, participation = unit.lock(reference)
    unit.emit(*programme.end(participation, on, reason, unit.now))


@dataclass(frozen=True, kw_only=True)
class GroupSettings:
    """What the host decides about a group; `capacity` in seats, `offer_days` in days."""

    name: str
    capacity: int
    is_open: bool
    mode: Mode
    offer_days: int


def change_group(unit: Unit, code: str, settings: GroupSettings) -> None:
    """Sets a group anew; whoever waits is served as far as it allows. Raises GroupNotFound."""
    programme = unit.programmes.of_group(code)
    _apply(programme.group(code), settings)
    unit.emit(*programme.serve(unit.now))


def add_group(unit: Unit, code: str, region: str, language: str, settings: GroupSettings) -> None:
    """Opens a new group, and serves whoever waited for one. Raises GroupExists."""
    group = Group(code=code, name=settings.name, region=region, language=language, capacity=settings.capacity)
    _apply(group, settings)
    programme = unit.programmes.get(region, language)
    unit.programmes.add(group)
    unit.emit(*programme.add_group(group, unit.now))


def _apply(group: Group, settings: GroupSettings) -> None:
    group.rename(settings.name)
    group.hand_out(settings.mode, settings.offer_days)
    group.resize(settings.capacity)
    group.open() if settings.is_open else group.close()


def _participation(unit: Unit, event: ReferralAccepted) -> Participation:
    return Participation(
        reference=event.reference,
        since=unit.now,
        region=event.region,
        language=event.language,
        urgency=event.urgency,
        cms_area=event.cms_area,
        accepted_at=unit.cause.time if unit.cause else unit.now,
        pseudonym=event.pseudonym,
        birth_year=event.birth_year,
        sex=event.sex,
        evaluation_consent=event.evaluation_consent,
        contact=event.contact,
    )
