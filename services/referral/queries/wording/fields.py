"""The fields of the form as the page names them, in their order."""

from chassis.i18n import mark as _
from services.referral.queries.wording.names import Say

_LABELS = {
    "avs_number": _("AVS number"),
    "family_name": _("Family name"),
    "given_name": _("Given name"),
    "sex": _("Sex"),
    "birth_date": _("Date of birth"),
    "language": _("Language of the person"),
    "street": _("Street and number"),
    "postal_code": _("Postal code"),
    "locality": _("Locality"),
    "commune_bfs": _("Commune of residence"),
    "phone": _("Telephone"),
    "email": _("E-mail"),
    "social_assistance": _("Does the person receive social assistance?"),
    "employment_unrealistic": _("Is work not a realistic goal at present?"),
    "employment_reason": _("Why is work not a realistic goal?"),
    "benefit_expected": _("Should the activity favour the person’s insertion?"),
    "benefit_reason": _("In what way should it favour their insertion?"),
    "other_measure": _("Does the person take part in another insertion measure?"),
    "availability": _("When is the person available?"),
    "interests": _("Interests"),
    "constraints": _("To be taken into account"),
    "urgency": _("Urgency"),
    "urgency_reason": _("Why is it urgent?"),
    "agrees": _("Does the person agree to take part?"),
    "evaluation_consent": _("Does the person agree to take part in the evaluation?"),
    "cms_area": _("CMS"),
    "referrer_name": _("Name of the social worker"),
    "referrer_email": _("E-mail of the social worker"),
}


def field_labels(say: Say) -> dict[str, str]:
    """What the page calls each field, by its name, in the order of the page."""
    return {name: say(label) for name, label in _LABELS.items()}


#: a field that gives the reason of another's answer
REASONS_OF = {
    "employment_reason": "employment_unrealistic",
    "benefit_reason": "benefit_expected",
    "urgency_reason": "urgency",
}
