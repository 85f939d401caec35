"""What a social worker says about a person: the contents of a referral, without the AVS number."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final


class Answer(StrEnum):
    """An answer to one of the form's questions."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


AVAILABILITIES: Final = ("mornings", "afternoons", "both")

INTERESTS: Final = (
    "cooking",
    "crafts",
    "dance",
    "gardening",
    "music",
    "painting",
    "photography",
    "theatre",
    "writing",
)


#: what decides nothing and may be corrected as long as somebody takes part or waits
CORRECTABLE: Final = (
    "family_name",
    "given_name",
    "street",
    "postal_code",
    "locality",
    "phone",
    "email",
    "availability",
    "interests",
    "constraints",
)


@dataclass(frozen=True, kw_only=True)
class Application:
    """One version of the answers, replaced as a whole when the CMS corrects them.

    The AVS number is not among them: it is kept apart, sealed, and compared by a keyed hash.
    """

    family_name: str
    given_name: str
    sex: str
    birth_date: date
    language: str
    commune_bfs: int
    street: str | None = None  # None: the person has no fixed address
    postal_code: str
    locality: str
    phone: str | None = None
    email: str | None = None
    social_assistance: Answer
    employment_unrealistic: Answer
    employment_reason: str | None = None
    benefit_expected: Answer
    benefit_reason: str | None = None
    other_measure: Answer
    agrees: Answer
    evaluation_consent: bool
    availability: str
    interests: tuple[str, ...] = ()
    constraints: str | None = None
    urgency: str = "normal"
    urgency_reason: str | None = None
    referrer_name: str
    referrer_email: str | None = None
    cms_area: str

    def contact(self) -> dict[str, Any]:
        """What the host of a group needs to reach and receive the person; the assessment stays here."""
        names = ("family_name", "given_name", "phone", "email", "street", "postal_code", "locality", "language")
        needs = ("availability", "constraints", "urgency_reason")
        return {name: getattr(self, name) for name in names + needs} | {"interests": list(self.interests)}


@dataclass(frozen=True, kw_only=True)
class SubmitReferral:
    """The command that the form and the API make: refer this person."""

    avs_number: str
    application: Application


@dataclass(frozen=True, kw_only=True)
class WithdrawReferral:
    """The command that takes a referral back: a reason of the list, and the CMS's own words where it gave some."""

    reason: str
    note: str | None = None
