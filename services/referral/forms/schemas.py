"""The forms: what a page or an API call sends, read into a command. The same schema for both."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, post_load, pre_load, validates_schema

from chassis.i18n import format_phone
from chassis.i18n import mark as _
from contracts.vocabulary import CMS_AREAS, LANGUAGES, SEXES, URGENCIES
from services.referral.domain import (
    AVAILABILITIES,
    ERASURE_REASONS,
    INTERESTS,
    WITHDRAWAL_REASONS,
    Answer,
    Application,
    ErasePerson,
    SubmitReferral,
    WithdrawReferral,
)
from services.referral.forms.inputs import (
    LONG,
    AvsNumber,
    Choice,
    Choices,
    CommuneNumber,
    Consent,
    Day,
    Email,
    Phone,
    PostalCode,
    Text,
)

_ANSWERS = tuple(Answer)
_YES_NO_UNKNOWN = _("Choose yes, no or I do not know.")
_OLDEST_BIRTH = date(1900, 1, 1)

#: a field, the answer that calls for a reason, and the field of the reason
_REASONS = (
    ("employment_unrealistic", "yes", "employment_reason"),
    ("benefit_expected", "yes", "benefit_reason"),
    ("urgency", "high", "urgency_reason"),
)


class Form(Schema):
    """Reads what was sent; an empty text is the same as none. Raises marshmallow.ValidationError by field."""

    class Meta:
        unknown = RAISE

    @pre_load
    def _drop_empty(self, sent: Any, **_kwargs: Any) -> Any:
        if not isinstance(sent, Mapping):
            return sent
        stripped = {name: value.strip() if isinstance(value, str) else value for name, value in sent.items()}
        return {name: value for name, value in stripped.items() if value not in ("", None)}


class ReferralFields(Form):
    """What is asked about a person; `today` bounds the date of birth, `only` takes some of the fields."""

    avs_number = AvsNumber(_("Enter the AVS number."))
    family_name = Text(_("Enter the family name."))
    given_name = Text(_("Enter the given name."))
    sex = Choice(_("Choose female or male."), SEXES)
    birth_date = Day(_("Enter the date of birth."))
    language = Choice(_("Choose French or German."), LANGUAGES)
    street = Text()
    postal_code = PostalCode(_("Enter the postal code."))
    locality = Text(_("Enter the locality."))
    commune_bfs = CommuneNumber(_("Choose the commune of residence."))
    phone = Phone()
    email = Email(max=254)
    social_assistance = Choice(_YES_NO_UNKNOWN, _ANSWERS)
    employment_unrealistic = Choice(_YES_NO_UNKNOWN, _ANSWERS)
    employment_reason = Text(max=LONG, lines=True)
    benefit_expected = Choice(_YES_NO_UNKNOWN, _ANSWERS)
    benefit_reason = Text(max=LONG, lines=True)
    other_measure = Choice(_YES_NO_UNKNOWN, _ANSWERS)
    agrees = Choice(_YES_NO_UNKNOWN, _ANSWERS)
    evaluation_consent = Consent(_("Choose yes or no."))
    availability = Choice(_("Choose one of the possible answers."), AVAILABILITIES)
    interests = Choices(INTERESTS)
    constraints = Text(max=LONG, lines=True)
    urgency = Choice(_("Choose normal or high."), URGENCIES, default="normal")
    urgency_reason = Text(max=LONG, lines=True)
    referrer_name = Text(_("Enter the name of the social worker."))
    referrer_email = Email(max=254)
    cms_area = Choice(_("Choose the area of a CMS."), CMS_AREAS)

    def __init__(self, today: date, only: Sequence[str] | None = None) -> None:
        super().__init__(only=only)
        self.today = today
        for field in self.fields.values():
            if isinstance(field, Day):
                field.latest = today

    @validates_schema(skip_on_field_errors=False)
    def _reasons(self, read: Mapping[str, Any], **_kwargs: Any) -> None:
        missing = {
            reason: [_("Give the reason in a few words.")]
            for name, answer, reason in _REASONS
            if read.get(name) == answer and reason in read and not read[reason]
        }
        if missing:
            raise ValidationError(missing)

    @validates_schema(skip_on_field_errors=False)
    def _birth_date(self, read: Mapping[str, Any], **_kwargs: Any) -> None:
        born = read.get("birth_date")
        if born and not _OLDEST_BIRTH <= born <= self.today:
            said = _("The date of birth is in the future.") if born > self.today else _("Check the year of birth.")
            raise ValidationError({"birth_date": [said]})

    @classmethod
    def order(cls) -> list[str]:
        """Names of the fields, in the order of the form."""
        return list(cls._declared_fields)


class ReferralForm(ReferralFields):
    """A whole referral, as typed by a social worker or sent by another system."""

    @post_load
    def _command(self, read: dict[str, Any], **_kwargs: Any) -> SubmitReferral:
        avs_number = read.pop("avs_number")
        answers = {name: Answer(value) for name, value in read.items() if name in _QUESTIONS}
        return SubmitReferral(avs_number=avs_number, application=Application(**read | answers))


_QUESTIONS = ("social_assistance", "employment_unrealistic", "benefit_expected", "other_measure", "agrees")


class WithdrawalForm(Form):
    """Why a referral is taken back: one of the reasons of the list, or words, which count as `other`."""

    reason = Text(_("Say why the referral is withdrawn."), max=LONG, lines=True)
    note = Text(max=LONG, lines=True)

    @post_load
    def _command(self, read: dict[str, Any], **_kwargs: Any) -> WithdrawReferral:
        reason, note = read["reason"], read["note"]
        if reason in WITHDRAWAL_REASONS:
            return WithdrawReferral(reason=reason, note=note)
        return WithdrawReferral(reason="other", note="\n".join(filter(None, (reason, note))))


class ErasureForm(Form):
    """Why somebody is erased, and that it is the right person."""

    reason = Choice(_("Choose a reason."), ERASURE_REASONS)
    sure = Choice(_("Check that this is the right person, then tick the box."), ("yes",))

    @post_load
    def _command(self, read: dict[str, Any], **_kwargs: Any) -> ErasePerson:
        return ErasePerson(reason=read["reason"])


def as_typed(application: Application, avs_number: str) -> dict[str, Any]:
    """The form's fields as they would have been typed to say this: what a correction begins with."""
    values = {name: value for name, value in vars(application).items() if value is not None}
    return values | {
        "avs_number": avs_number,
        "birth_date": f"{application.birth_date:%d.%m.%Y}",
        "evaluation_consent": "yes" if application.evaluation_consent else "no",
        "interests": list(application.interests),
        "phone": format_phone(application.phone),
    }
