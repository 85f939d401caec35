"""Codes in words."""

from collections.abc import Mapping

from chassis.i18n import mark as _
from chassis.web import t, tn
from services.placement.domain import Standing, State

#: state: what it is called, and the colour of its tag
STATES: dict[State, tuple[str, str]] = {
    State.WAITING: (_("On the waiting list"), "purple"),
    State.OFFERED: (_("Place offered"), "teal"),
    State.PLACED: (_("Has a place"), "green"),
    State.ACTIVE: (_("Takes part"), "green"),
    State.PAUSED: (_("Interrupted"), "orange"),
    State.ENDED: (_("Ended"), "grey"),
}
COUNTED = {state.value: text for state, (text, _colour) in STATES.items() if state is not State.ENDED} | {
    "ended_planned": _("Ended as planned"),
    "ended_early": _("Ended early"),
}
REGIONS = {
    "sion": _("Sion"),
    "bas-valais": _("Lower Valais"),
    "sierre": _("Sierre"),
    "haut-valais": _("Upper Valais"),
}
WHERE = {"fr": _("%(region)s, in French"), "de": _("%(region)s, in German")}
LANGUAGES = {"fr": _("French"), "de": _("German")}
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
DECLINED = {
    "not_now": _("Not at the moment"),
    "health": _("Health"),
    "timetable": _("The times do not suit"),
    "other": _("Another reason"),
}
PAUSED = {"health": _("Health"), "family": _("Family"), "other": _("Another reason")}
ENDED = {
    "planned": _("As planned"),
    "found_work": _("Has found work"),
    "moved_away": _("Has moved away"),
    "health": _("Health"),
    "declined": _("Does not wish to take part (any more)"),
    "other": _("Another reason"),
    "withdrawn": _("Withdrawn by the CMS"),
    "entered_in_error": _("Entered in error"),
}
WHY_WAITING = {
    "group_full": _("All places are taken. Whoever is first on the list gets the next free place at once."),
    "group_closed": _("No group is open at the moment. Whoever is first gets a place as soon as one opens."),
    "no_group": _(
        "There is no group in this region and language yet. Whoever is first gets a place once there is one."
    ),
}
MODES = {
    "automatic": _("At once: whoever is next has the place"),
    "offer": _("As an offer: the place is held for whoever is next, who may decline"),
}


def word(words: Mapping[str, str], code: str | None) -> str:
    """The word for a code, in the reader's language; a code that is not known yet stands for itself."""
    return t(words[code]) if code and code in words else code or ""


def words(known: Mapping[str, str], codes: list[str]) -> str:
    return ", ".join(word(known, code) for code in codes)


def where(region: str, language: str) -> str:
    """The region of a group or list, with its language."""
    return t(WHERE.get(language, "%(region)s"), region=word(REGIONS, region))


def choices(known: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(code, t(text)) for code, text in known.items()]


def state_tag(state: State) -> tuple[str, str]:
    text, colour = STATES[state]
    return t(text), colour


def why_here(standing: Standing) -> str:
    """Why somebody stands where they stand."""
    if standing.position == 1:
        return t(_("First: gets the next free place."))
    earlier, urgent = standing.earlier_ahead, standing.urgent_ahead
    if standing.urgent:
        return t(_("Urgent.")) + " " + _earlier_urgent(earlier)
    return " ".join(part for part in (_urgent_ahead(urgent), _earlier(earlier)) if part)


def _earlier_urgent(n: int) -> str:
    return tn(
        "%(n)s urgent person precedes in the order of acceptance.",
        "%(n)s urgent people precede in the order of acceptance.",
        n,
    )


def _urgent_ahead(n: int) -> str:
    return tn("%(n)s urgent person goes first.", "%(n)s urgent people go first.", n) if n else ""


def _earlier(n: int) -> str:
    if not n:
        return ""
    return tn(
        "%(n)s person precedes in the order of acceptance.", "%(n)s people precede in the order of acceptance.", n
    )
