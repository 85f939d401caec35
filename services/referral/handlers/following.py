"""What the referral service hears: the decision on what was submitted, and what the others did with it."""

from collections.abc import Sequence
from typing import Any

from contracts import evaluation, notification, placement
from contracts.event import Event
from contracts.referral import ReferralSubmitted
from services.referral.domain import local_day
from services.referral.handlers.noting import plain, tell
from services.referral.store import Unit

#: these are only noted in the timeline, the referral itself need not be loaded
_ONLY_NOTED = (
    evaluation.EvaluationEnrolled,
    notification.NotificationDelivered,
    notification.NotificationFailed,
    notification.NotificationAcknowledged,
)


def decide_eligibility(unit: Unit, event: ReferralSubmitted) -> None:
    """Decides what was submitted; what was decided or withdrawn in the meantime stays as it is."""
    referral = unit.referrals.get(event.reference)
    if not referral.may("accept"):
        return
    rules = unit.rules_on(local_day(referral.submitted_at))
    decision = referral.decide(rules, unit.context.sealer.seal, unit.now)
    tell(unit, referral, decision, criteria=list(referral.obstacles))


def note_waitlisted(unit: Unit, event: placement.PlacementWaitlisted) -> None:
    told: dict[str, Any] = {"group": event.group, "group_name": event.group_name, "reason": event.reason}
    _follow(unit, event, "waitlist", position=event.position, **told)


def note_offered(unit: Unit, event: placement.PlacementOffered) -> None:
    _follow(unit, event, "offer", group=event.group, group_name=event.group_name, until=event.until)


def note_offer_declined(unit: Unit, event: placement.PlacementOfferDeclined) -> None:
    _follow(unit, event, "release_offer", {"group": event.group, "reason": event.reason})


def note_offer_expired(unit: Unit, event: placement.PlacementOfferExpired) -> None:
    _follow(unit, event, "release_offer", {"group": event.group})


def note_placed(unit: Unit, event: placement.PlacementPlaced) -> None:
    _follow(unit, event, "place", group=event.group, group_name=event.group_name, starts_on=event.starts_on)


def note_started(unit: Unit, event: placement.PlacementStarted) -> None:
    """The first attendance, or its day put right, which may be while the person pauses."""
    pauses = unit.referrals.get(event.reference).may("correct_start")
    _follow(unit, event, "correct_start" if pauses else "start", group=event.group, on=event.on)


def note_paused(unit: Unit, event: placement.PlacementPaused) -> None:
    _follow(unit, event, "pause", on=event.on, reason=event.reason)


def note_resumed(unit: Unit, event: placement.PlacementResumed) -> None:
    _follow(unit, event, "resume", {"on": event.on})


def note_ended(unit: Unit, event: placement.PlacementEnded) -> None:
    """The end of what placement did; after a withdrawal, that the place is free again."""
    if unit.referrals.get(event.reference).is_withdrawn:
        return _note(unit, event, {"group": event.group, "on": event.on, "withdrawn": True})
    _follow(unit, event, "end", {"group": event.group}, on=event.on, reason=event.reason, planned=event.planned)


def note_enrolled(unit: Unit, event: evaluation.EvaluationEnrolled) -> None:
    _note(unit, event, {"consent": event.consent, "waves": list(event.waves)})


def note_delivered(unit: Unit, event: notification.NotificationDelivered) -> None:
    _note(unit, event, _delivery(event))


def note_failed(unit: Unit, event: notification.NotificationFailed) -> None:
    _note(unit, event, _delivery(event) | {"cause": event.cause})


def note_acknowledged(unit: Unit, event: notification.NotificationAcknowledged) -> None:
    _note(unit, event, _delivery(event))


def load_batch(unit: Unit, events: Sequence[Event]) -> None:
    """Loads what a batch needs: the referrals that may change in one SELECT, the ids of the others in one more."""
    changed = {event.reference for event in events if not isinstance(event, _ONLY_NOTED)}
    noted = {event.reference for event in events} - changed
    if changed:
        unit.referrals.load(changed)
    if noted:
        unit.referrals.load_ids(noted)


def _follow(unit: Unit, event: Event, transition: str, beside: dict[str, Any] | None = None, **told: Any) -> None:
    """Moves the referral along; news that comes too late is noted and changes nothing."""
    referral = unit.referrals.get(event.reference)
    counts = referral.may(transition)
    if counts:
        getattr(referral, transition)(**told)
    _note(unit, event, told | (beside or {}) | ({} if counts else {"without_effect": True}))


def _note(unit: Unit, event: Event, data: dict[str, Any]) -> None:
    at = unit.cause.time if unit.cause else unit.now
    unit.note(unit.referrals.id_of(event.reference), at, event.TYPE, plain(data))


def _delivery(event: Any) -> dict[str, Any]:
    return {"partner": event.partner, "channel": event.channel, "about": event.about}
