"""What the desk of a CMS says about its lists, costs and consents."""

from chassis.i18n import mark as _
from services.referral.domain import Referral, quarter_parts
from services.referral.queries.wording.names import Say

EVERYTHING = _("All that were sent")
DRAFTS = _("Drafts")
ERASED_SOON = _("Soon erased")

#: what the groups of the list are called
GROUPS = {
    "information_needed": _("Information needed"),
    "submitted": _("Being checked"),
    "waiting": _("Waiting"),
    "placed": _("Placed"),
    "ineligible": _("Not eligible"),
    "ended": _("Closed"),
}

#: why a referral is shown among what needs attention
NEEDS_ANSWERS = _("Information is missing: complete it, so that it can go on.")
LOST_MESSAGE = _("A message did not reach a partner: tell them yourself if it is urgent.")
WILL_BE_ERASED = _("Closed for long: will be erased on %(day)s. File what you still need before.")

_CONSENTS = {
    "participation": (
        _("To taking part"),
        _("The referral is withdrawn: the place or the wait ends, the partners are told."),
    ),
    "evaluation": (
        _("To the evaluation"),
        _("The evaluation asks nothing more. The place is kept, and what was answered until now stays."),
    ),
}


def quarter_name(period: str, say: Say) -> str:
    """2026-Q4 as people say it."""
    year, number = quarter_parts(period)
    return say(_("Quarter %(number)s of %(year)s"), number=number, year=year)


def consents(referral: Referral, say: Say) -> list[dict[str, str]]:
    """The consents that can be withdrawn now: value, text and hint of each."""
    possible = {"participation": referral.may("withdraw"), "evaluation": referral.is_evaluated}
    return [
        {"value": purpose, "text": say(text), "hint": say(hint)}
        for purpose, (text, hint) in _CONSENTS.items()
        if possible[purpose]
    ]
