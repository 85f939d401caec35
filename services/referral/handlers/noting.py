"""An event and its line in the timeline, in one commit."""

from datetime import date
from typing import Any

from contracts.event import Event
from services.referral.domain import Referral
from services.referral.store import Unit


def tell(unit: Unit, referral: Referral, event: Event, **noted: Any) -> None:
    """Emits what the referral has just done, and enters it in its timeline with what the event does not say."""
    unit.emit(event)
    unit.note(referral.id, unit.now, event.TYPE, plain(noted))


def plain(data: dict[str, Any]) -> dict[str, Any]:
    """Ready for JSON, without what is not there."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in data.items()
        if value is not None
    }
