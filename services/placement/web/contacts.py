"""Who people are: opened for the host's pages alone, and only of those who are offered or have a place."""

from dataclasses import dataclass
from typing import Any

from chassis.crypto import CannotOpen, Opener
from services.placement.domain import Participation


@dataclass(frozen=True)
class Contact:
    """What the social worker told of the person to be received; empty strings where nothing was told."""

    name: str
    phone: str
    email: str
    address: str
    language: str
    availability: str
    interests: list[str]
    constraints: str
    is_known: bool = True  #: False: what was sealed can't be opened with the key at hand


_UNKNOWN = Contact("", "", "", "", "", "", [], "", is_known=False)


def contact_of(participation: Participation, opener: Opener) -> Contact | None:
    """None for whoever holds no seat: the host may know those whom it receives, not those who wait or have left."""
    if participation.seat is None:
        return None
    told = _opened(participation, opener)
    return _contact(told) if told is not None else _UNKNOWN


def urgency_reason_of(participation: Participation, opener: Opener) -> str:
    """The social worker's words for the urgency, which belong to the order of the waiting list."""
    told = _opened(participation, opener) if participation.urgency == "high" else None
    return _text(told or {}, "urgency_reason")


def _opened(participation: Participation, opener: Opener) -> dict[str, Any] | None:
    try:
        return opener.open(participation.contact or "")
    except CannotOpen:
        return None  # the page says so; everything else on it still helps


def _contact(told: dict[str, Any]) -> Contact:
    return Contact(
        name=f"{_text(told, 'given_name')} {_text(told, 'family_name')}".strip(),
        phone=_text(told, "phone"),
        email=_text(told, "email"),
        address=f"{_text(told, 'street')}, {_text(told, 'postal_code')} {_text(told, 'locality')}".strip(", "),
        language=_text(told, "language"),
        availability=_text(told, "availability"),
        interests=[str(each) for each in told.get("interests") or []],
        constraints=_text(told, "constraints"),
    )


def _text(told: dict[str, Any], name: str) -> str:
    return str(told.get(name) or "")
