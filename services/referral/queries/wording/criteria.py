"""The criteria in words: what each asks, how it came out, and what can be done."""

from chassis.i18n import mark as _
from services.referral.domain import Criterion, Result
from services.referral.queries.wording.names import Say, region_name

_NAMES = {
    "social_assistance": _("Receives social assistance"),
    "residence": _("Lives in a region with an open programme"),
    "employment_unrealistic": _("Work is not a realistic goal now"),
    "benefit_expected": _("The activity should favour their insertion"),
    "age": _("Is of age and below reference age"),
    "no_other_measure": _("Takes part in no other insertion measure"),
    "agrees": _("Agrees to take part"),
}

_REASONS = {
    "social_assistance_met": _("The person receives social assistance."),
    "social_assistance_not_met": _("The person does not receive social assistance."),
    "social_assistance_unknown": _("It is not known whether the person receives social assistance."),
    "residence_open": _("There is an open programme in the region of residence (%(region)s)."),
    "residence_closed": _("There is no open programme in the region of residence (%(region)s)."),
    "residence_commune_unknown": _("The region of the commune of residence is not known."),
    "employment_unrealistic_met": _("According to your assessment, work is not a realistic goal now."),
    "employment_unrealistic_not_met": _("According to your assessment, work is a realistic goal now."),
    "employment_unrealistic_unknown": _("It is not known whether work is a realistic goal now."),
    "employment_unrealistic_reason_missing": _("The reason why work is not a realistic goal now is missing."),
    "benefit_expected_met": _("According to your assessment, the activity should favour the person’s insertion."),
    "benefit_expected_not_met": _(
        "According to your assessment, the activity should not favour the person’s insertion."
    ),
    "benefit_expected_unknown": _("It is not known whether the activity should favour the person’s insertion."),
    "benefit_expected_reason_missing": _(
        "The reason why the activity should favour the person’s insertion is missing."
    ),
    "age_within": _("The person is %(age)s years old: at least %(minimum)s and under %(maximum)s."),
    "age_too_young": _("The person is %(age)s years old; one must be at least %(minimum)s."),
    "age_too_old": _("The person is %(age)s years old; one must be under %(maximum)s."),
    "no_other_measure_met": _("The person takes part in no other insertion measure."),
    "no_other_measure_not_met": _("The person takes part in another insertion measure."),
    "no_other_measure_unknown": _("It is not known whether the person takes part in another insertion measure."),
    "agrees_met": _("The person agrees to take part."),
    "agrees_not_met": _("The person does not agree to take part, and taking part is voluntary."),
    "agrees_unknown": _("It is not known whether the person agrees to take part."),
}

_REDRESS = {
    "social_assistance": _("Once the person receives social assistance, correct the answer and submit again."),
    "residence": _(
        "If the person lives or will live in another commune, correct it; "
        "otherwise refer them again once a programme opens in their region."
    ),
    "employment_unrealistic": _(
        "If your assessment changes, correct it, say why, and submit again. "
        "Otherwise a measure that leads to work suits better."
    ),
    "benefit_expected": _("If your assessment changes, correct it, say why, and submit again."),
    "age": _("Check the date of birth. The age limits are set by the rules of the programme."),
    "no_other_measure": _("Once the other measure has ended, correct the answer and submit again."),
    "agrees": _("Talk it over with the person; if they agree later, correct the answer and submit again."),
}

_COMPLETE = _("Find it out, correct the answer and submit again.")


def criterion_name(code: str, say: Say) -> str:
    return say(_NAMES[code])


def criterion_reason(criterion: Criterion, say: Say) -> str:
    """How the criterion came out, in a sentence."""
    params = dict(criterion.params)
    if "region" in params:
        params["region"] = region_name(str(params["region"]), say)
    return say(_REASONS[criterion.reason], **params)


def redress(criterion: Criterion, say: Say) -> str | None:
    """What can be done about a criterion that is not met or unknown; None where it is met."""
    if criterion.result is Result.MET:
        return None
    return say(_COMPLETE if criterion.result is Result.UNKNOWN else _REDRESS[criterion.code])
