"""What the referral service tells the others."""

from dataclasses import field
from datetime import date
from typing import ClassVar

from marshmallow.validate import OneOf

from contracts.event import Event, event
from contracts.vocabulary import LANGUAGES, SEXES, URGENCIES

_LANGUAGE = {"validate": OneOf(LANGUAGES)}


@event("referral.submitted.v1")
class ReferralSubmitted(Event):
    """A social worker sent a referral in, for the first time or corrected."""

    region: str | None  #: programme region of the commune of residence; None where the commune is in none
    language: str = field(metadata=_LANGUAGE)
    cms_area: str  #: the area whose CMS referred: whom to tell


@event("referral.information_needed.v1")
class ReferralInformationNeeded(Event):
    """Nothing speaks against it, but some criteria could not be decided."""

    unknown: tuple[str, ...]  #: codes of the criteria
    cms_area: str


@event("referral.accepted.v1")
class ReferralAccepted(Event):
    """All criteria are met: the person may be placed."""

    pseudonym: str
    region: str
    language: str = field(metadata=_LANGUAGE)
    cms_area: str
    urgency: str = field(metadata={"validate": OneOf(URGENCIES)})
    urgency_reason: str | None = None  #: a code, never the social worker's words: those travel in `contact`
    birth_year: int
    sex: str = field(metadata={"validate": OneOf(SEXES)})
    evaluation_consent: bool
    #: JWE compact, for placement's key alone. Inside, JSON: family_name, given_name, phone, email,
    #: street (null: no fixed address), postal_code, locality, language, availability, interests, constraints,
    #: urgency_reason
    contact: str


@event("referral.contact_corrected.v1")
class ReferralContactCorrected(Event):
    """What is told of the person to the host is something else now; nothing that decides anything has changed."""

    contact: str  #: as in ReferralAccepted
    cms_area: str


@event("referral.rejected.v1")
class ReferralRejected(Event):
    """At least one criterion is not met."""

    reasons: tuple[str, ...]  #: codes of the criteria
    cms_area: str


@event("referral.withdrawn.v1")
class ReferralWithdrawn(Event):
    """The CMS took the referral back; whatever came after it is undone."""

    reason: str  #: a code: person_declined, other_solution, moved_away, health, entered_in_error, other
    cms_area: str


@event("referral.costs_reported.v1")
class ReferralCostsReported(Event):
    """Medical costs of a participant over a quarter, for the evaluation."""

    pseudonym: str
    period: str  #: 2026-Q4
    chf: int  #: whole francs


#: what a person may agree to besides taking part
PURPOSES = ("evaluation",)


@event("referral.consent_withdrawn.v1")
class ReferralConsentWithdrawn(Event):
    """The person no longer agrees to something besides taking part: that stops, the referral itself goes on."""

    purpose: str = field(metadata={"validate": OneOf(PURPOSES)})
    cms_area: str


@event("referral.erased.v1")
class ReferralErased(Event):
    """The person's data is gone; everybody forgets what belongs to this referral."""

    ERASES: ClassVar[bool] = True

    #: False: the answers to the evaluation go, too. True: they stay, cut off from the reference; the key is destroyed
    answers_stay: bool = False


@event("referral.erasure_announced.v1")
class ReferralErasureAnnounced(Event):
    """The person's data will be erased: nothing has happened with the closed referral for long."""

    cms_area: str
    on: date
