"""Names of areas, regions, partners, answers and reasons."""

from collections.abc import Callable

from chassis.i18n import mark as _

#: translates a sentence and fills it in: (msgid, **params) -> text
Say = Callable[..., str]

AREAS = {
    "sion-herens-conthey": _("Sion–Hérens–Conthey"),
    "sierre": _("Sierre"),
    "martigny-entremont": _("Martigny–Entremont"),
    "monthey-saint-maurice": _("Monthey–Saint-Maurice"),
    "haut-valais": _("Upper Valais"),
}

REGIONS = {
    "sion": _("Sion"),
    "bas-valais": _("Lower Valais"),
    "sierre": _("Sierre"),
    "haut-valais": _("Upper Valais"),
}

_PARTNERS = {
    "oseo-valais": _("OSEO Valais"),
    "ville-de-sion": _("City of Sion"),
    "hes-so": _("HES-SO Valais-Wallis"),
    "sas": _("Service for social action (SAS)"),
}

LANGUAGES = {"fr": _("French"), "de": _("German")}
SEXES = {"f": _("Female"), "m": _("Male")}
ANSWERS = {"yes": _("Yes"), "no": _("No"), "unknown": _("I do not know")}
URGENCIES = {"normal": _("Normal"), "high": _("High")}
AVAILABILITY = {"mornings": _("Mornings"), "afternoons": _("Afternoons"), "both": _("Mornings or afternoons")}

INTERESTS = {
    "cooking": _("Cooking"),
    "crafts": _("Crafts"),
    "dance": _("Dance"),
    "gardening": _("Gardening"),
    "music": _("Music"),
    "painting": _("Painting"),
    "photography": _("Photography"),
    "theatre": _("Theatre"),
    "writing": _("Writing"),
}

#: why a CMS takes a referral back
WITHDRAWALS = {
    "person_declined": _("The person does not want to take part (any more)"),
    "other_solution": _("Another solution was found"),
    "moved_away": _("The person has moved away"),
    "health": _("The person’s health does not allow it"),
    "entered_in_error": _("The referral was entered in error"),
    "other": _("Another reason"),
}

#: why somebody has a person erased
ERASURES = {
    "person_asked": _("The person asks for it"),
    "entered_in_error": _("The person should never have been entered"),
    "other": _("Another reason"),
}

#: why something in the placement was paused, declined or ended; other codes are told as "another reason"
PLACEMENT_REASONS = {
    **WITHDRAWALS,
    "planned": _("as planned"),
    "withdrawn": _("The CMS withdrew the referral"),
    "found_work": _("The person has found work"),
    "declined": _("The person did not want the place"),
    "not_now": _("It is not the right time for the person"),
    "timetable": _("The times do not suit the person"),
    "family": _("Family reasons"),
}

PEOPLE_HAVE_ONE = _(
    "A referral for this person is open already, and a person can have one open referral only. "
    "If it is not in your list, ask the Service for social action."
)


OPEN_ELSEWHERE = _(
    "A referral for this person is open at another CMS, and a person can have one open referral only. "
    "Please contact the Service for social action, which mediates between the CMS."
)
MAYBE_ELSEWHERE = _(
    "A referral that may concern this person exists at another CMS. "
    "Ask the person; if need be, contact the Service for social action, which mediates between the CMS."
)


def area_name(area: str, say: Say) -> str:
    return say(AREAS[area]) if area in AREAS else area


def region_name(region: str, say: Say) -> str:
    return say(REGIONS[region]) if region in REGIONS else region


def partner_name(code: str, say: Say) -> str:
    """What a partner is called; a code that nobody told us of is shown as it is."""
    if code.startswith("cms-"):
        return say(_("CMS %(area)s"), area=area_name(code.removeprefix("cms-"), say))
    return say(_PARTNERS[code]) if code in _PARTNERS else code


def reason_name(code: str, say: Say) -> str:
    return say(PLACEMENT_REASONS.get(code, PLACEMENT_REASONS["other"]))
