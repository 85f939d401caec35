"""The sections of a referral, as the task list shows them: one page each, saved on its own, right or wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from marshmallow import ValidationError

from services.referral.forms.inputs import AvsNumber
from services.referral.forms.schemas import ReferralFields

#: fields by section, in the order of the task list
SECTIONS: Final[dict[str, tuple[str, ...]]] = {
    "identity": ("avs_number", "family_name", "given_name", "birth_date", "sex"),
    "contact": ("language", "street", "postal_code", "locality", "commune_bfs", "phone", "email"),
    "situation": (
        "social_assistance",
        "other_measure",
        "employment_unrealistic",
        "employment_reason",
        "benefit_expected",
        "benefit_reason",
    ),
    "needs": ("availability", "interests", "constraints", "urgency", "urgency_reason"),
    "consent": ("agrees", "evaluation_consent"),
    "referrer": ("cms_area", "referrer_name", "referrer_email"),
}
#: fields with several answers
LISTS: Final = ("interests",)

#: what is asked anew each time a person is referred
ASKED_ANEW: Final = ("situation", "consent", "referrer")

Errors = Mapping[str, list[str]]


def section_of(field: str) -> str:
    return next(section for section, fields in SECTIONS.items() if field in fields)


def errors_in(section: str, answers: Mapping[str, Any], today: date) -> ValidationError | None:
    """What is missing or wrong in one section's answers; None where it is complete."""
    return _errors(ReferralFields(today, only=SECTIONS[section]), answers, SECTIONS[section])


def problems(answers: Mapping[str, Any], today: date) -> dict[str, dict[str, bool]]:
    """Sections that are not complete, with their fields: True where an answer is wrong, False where there is none."""
    every = [field for fields in SECTIONS.values() for field in fields]
    error = _errors(ReferralFields(today), answers, every)
    found: dict[str, dict[str, bool]] = {}
    for field in error.normalized_messages() if error else ():
        found.setdefault(section_of(str(field)), {})[str(field)] = bool(answers.get(str(field)))
    return {section: found[section] for section in SECTIONS if section in found}


def avs_number_in(answers: Mapping[str, Any]) -> str | None:
    """The AVS number as it is stored, None while it is missing or wrong."""
    try:
        return AvsNumber().deserialize(answers.get("avs_number") or None)
    except ValidationError:
        return None


@dataclass(frozen=True)
class Identity:
    """Whom a draft is about, as far as it takes to find the same person again."""

    family_name: str
    given_name: str
    birth_date: date


def identity_in(answers: Mapping[str, Any], today: date) -> Identity | None:
    """None while the name, the date of birth or the AVS number is missing or wrong."""
    names = ("avs_number", "family_name", "given_name", "birth_date")
    try:
        read = ReferralFields(today, only=names).load({name: answers[name] for name in names if answers.get(name)})
    except ValidationError:
        return None
    return Identity(read["family_name"], read["given_name"], read["birth_date"])


def _errors(schema: ReferralFields, answers: Mapping[str, Any], fields: tuple[str, ...] | list[str]) -> Any:
    try:
        schema.load({name: answers[name] for name in fields if answers.get(name)})
    except ValidationError as error:
        return error
    return None
