"""Our states in the words of FHIR."""

from typing import Final, NamedTuple

import sqlalchemy as sa

from services.referral.domain import Placement, Referral, State
from services.referral.store.tables import referrals

SERVICE_REQUEST, TASK = "ServiceRequest", "Task"


class Statuses(NamedTuple):
    """Task.status and ServiceRequest.status."""

    task: str
    request: str


#: all but ENDED, which depends on how it ended
STATUSES: Final[dict[State, Statuses]] = {
    State.DRAFT: Statuses("draft", "draft"),
    State.SUBMITTED: Statuses("requested", "active"),
    State.INFORMATION_NEEDED: Statuses("requested", "active"),
    State.INELIGIBLE: Statuses("rejected", "revoked"),
    State.ACCEPTED: Statuses("accepted", "active"),
    State.WAITLISTED: Statuses("accepted", "active"),
    State.OFFERED: Statuses("accepted", "active"),
    State.PLACED: Statuses("accepted", "active"),
    State.ACTIVE: Statuses("in-progress", "active"),
    State.PAUSED: Statuses("on-hold", "active"),
    State.WITHDRAWN: Statuses("cancelled", "revoked"),
    State.ENTERED_IN_ERROR: Statuses("entered-in-error", "entered-in-error"),
}
_AS_PLANNED = Statuses("completed", "completed")
_BY_THE_PERSON = Statuses("cancelled", "revoked")
_EARLY = Statuses("failed", "revoked")
#: reasons of an end that was the person's own wish
_OWN_WISH: Final = ("declined", "person_declined")

#: every status that a search may ask for
KNOWN: Final = {
    TASK: sorted({each.task for each in (*STATUSES.values(), _AS_PLANNED, _BY_THE_PERSON, _EARLY)}),
    SERVICE_REQUEST: sorted({each.request for each in (*STATUSES.values(), _AS_PLANNED)}),
}


def statuses_of(referral: Referral) -> Statuses:
    if referral.state is not State.ENDED:
        return STATUSES[referral.state]
    placement = referral.placement or Placement()
    if placement.planned:
        return _AS_PLANNED
    return _BY_THE_PERSON if placement.reason in _OWN_WISH else _EARLY


def having(resource: str, status: str) -> sa.ColumnElement[bool]:
    """The referrals whose resource has this status."""
    at = Statuses._fields.index("task" if resource == TASK else "request")
    states = [state for state, statuses in STATUSES.items() if statuses[at] == status]
    told = sa.type_coerce(referrals.c.placement, sa.JSON)
    planned = sa.func.coalesce(told["planned"].as_boolean(), sa.false())
    own_wish = sa.func.coalesce(told["reason"].as_string(), "").in_(_OWN_WISH)
    ends = ((_AS_PLANNED, planned), (_BY_THE_PERSON, ~planned & own_wish), (_EARLY, ~planned & ~own_wish))
    ended = [referrals.c.state.in_([State.ENDED]) & how for statuses, how in ends if statuses[at] == status]
    return sa.or_(referrals.c.state.in_(states), *ended)
