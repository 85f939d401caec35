"""Where a referral stands, in plain words."""

from chassis.i18n import format_date, format_datetime
from chassis.i18n import mark as _
from services.referral.domain import Placement, Referral, State
from services.referral.queries.stories import Waiting
from services.referral.queries.wording.names import Say, reason_name

#: the name of each state, and the colour of its tag
STATES = {
    State.DRAFT: (_("Draft"), "grey"),
    State.SUBMITTED: (_("Submitted"), "blue"),
    State.INFORMATION_NEEDED: (_("Information needed"), "yellow"),
    State.INELIGIBLE: (_("Not eligible"), "red"),
    State.ACCEPTED: (_("Eligible"), "teal"),
    State.WAITLISTED: (_("On the waiting list"), "purple"),
    State.OFFERED: (_("Place offered"), "teal"),
    State.PLACED: (_("Place found"), "green"),
    State.ACTIVE: (_("Taking part"), "green"),
    State.PAUSED: (_("Paused"), "orange"),
    State.ENDED: (_("Ended"), "grey"),
    State.WITHDRAWN: (_("Withdrawn"), "grey"),
    State.ENTERED_IN_ERROR: (_("Entered in error"), "grey"),
}

_SENTENCES = {
    State.DRAFT: _("The referral has not been submitted yet."),
    State.SUBMITTED: _("The referral has arrived. The criteria are being checked."),
    State.INFORMATION_NEEDED: _(
        "Nothing speaks against it, but information is missing. Complete the referral and submit it again."
    ),
    State.INELIGIBLE: _(
        "At least one criterion is not met. If an answer changes, correct the referral and submit it again."
    ),
    State.ACCEPTED: _("All criteria are met. A place is being looked for."),
    State.WAITLISTED: _("All criteria are met, but no place is free. The person is on the waiting list."),
    State.OFFERED: _("A place in the group %(group)s is held for the person until %(until)s."),
    State.PLACED: _("The person has a place in the group %(group)s."),
    State.ACTIVE: _("The person takes part in the group %(group)s since %(day)s."),
    State.PAUSED: _("The person keeps the place in the group %(group)s, but does not come at the moment."),
    State.ENDED: _("The participation has ended."),
    State.WITHDRAWN: _("Your CMS has withdrawn this referral."),
    State.ENTERED_IN_ERROR: _("Your CMS has withdrawn this referral because it was entered in error."),
}

_WAIT_ENDED = _("The person has left the waiting list without having had a place.")

_WAITING = {
    "group_full": _("All places of the group are taken."),
    "group_closed": _("The group takes nobody in at the moment."),
    "no_group": _("There is no group in the person’s region and language yet."),
    "offer_not_taken": _(
        "An offered place was not taken: the person keeps waiting and is called once they are ready again."
    ),
}

_FIRST = _("The person is at position 1 of the waiting list and gets the next free place.")
_POSITION = _(
    "The person is at position %(position)s of the waiting list: urgent referrals come first, "
    "then those accepted earlier. Before this person: urgent %(urgent)s, accepted earlier %(earlier)s."
)

_PLACED_AT_ONCE = _("A place was free in the group of the person’s region and language.")


def standing(referral: Referral, say: Say) -> str:
    """One sentence for the state the referral is in."""
    placement = referral.placement or Placement()
    only_waited = referral.state is State.ENDED and placement.group_name is None
    return say(
        _WAIT_ENDED if only_waited else _SENTENCES[referral.state],
        group=placement.group_name or placement.group or "",
        until=format_datetime(placement.until),
        day=format_date(placement.starts_on),
    )


def placement_reason(referral: Referral, waiting: Waiting | None, say: Say) -> str | None:
    """Why placement decided as it did; None where it has not spoken. `waiting`: who stands before the person by now."""
    placement = referral.placement
    if placement is None:
        return None
    if referral.state is State.WAITLISTED:
        why = say(_WAITING.get(placement.reason or "", _WAITING["group_full"]))
        return f"{why} {_place_in_line(waiting, say)}" if waiting else why
    if placement.reason:
        return reason_name(placement.reason, say)
    return say(_PLACED_AT_ONCE)


def _place_in_line(waiting: Waiting, say: Say) -> str:
    if waiting.position == 1:
        return say(_FIRST)
    return say(_POSITION, position=waiting.position, urgent=waiting.urgent, earlier=waiting.earlier)
