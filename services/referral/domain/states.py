"""Where a referral can stand, and every way from one state to the next."""

from enum import StrEnum
from typing import Final, NamedTuple


class State(StrEnum):
    """The states of a referral, as they are stored and told by the API."""

    DRAFT = "draft"  # being filled in at the CMS, nobody else has seen it
    SUBMITTED = "submitted"  # sent in, its eligibility is not decided yet
    INFORMATION_NEEDED = "information_needed"  # nothing speaks against it, but a criterion is open: the CMS is asked
    INELIGIBLE = "ineligible"  # a criterion is not met; closed unless the CMS corrects it
    ACCEPTED = "accepted"  # eligible, and placement has not answered yet
    WAITLISTED = "waitlisted"  # eligible, no place is free
    OFFERED = "offered"  # a place is held until a time
    PLACED = "placed"  # has a place, has not come yet
    ACTIVE = "active"  # takes part since the first attendance
    PAUSED = "paused"  # keeps the place, does not come for now
    ENDED = "ended"  # took part or waited, and it is over, as planned or early, with a reason
    WITHDRAWN = "withdrawn"  # the CMS took it back, with a reason
    ENTERED_IN_ERROR = "entered_in_error"  # should never have been sent


class Transition(NamedTuple):
    """A way between states: from any of `sources` to `target`."""

    sources: frozenset[State]
    target: State


def _way(target: State, *sources: State) -> Transition:
    return Transition(frozenset(sources), target)


#: eligible, and placement has not ended it
IN_PLACEMENT: Final = (
    State.ACCEPTED,
    State.WAITLISTED,
    State.OFFERED,
    State.PLACED,
    State.ACTIVE,
    State.PAUSED,
)

#: every transition by the name of the method that makes it. Placement's answers may skip a step forward
#: (its events can overtake each other); none leads back, and none leads out of a closed referral.
TRANSITIONS: Final[dict[str, Transition]] = {
    "submit": _way(State.SUBMITTED, State.DRAFT),
    "correct": _way(State.SUBMITTED, State.INFORMATION_NEEDED, State.INELIGIBLE),
    "accept": _way(State.ACCEPTED, State.SUBMITTED),
    "ask": _way(State.INFORMATION_NEEDED, State.SUBMITTED),
    "reject": _way(State.INELIGIBLE, State.SUBMITTED),
    "waitlist": _way(State.WAITLISTED, State.ACCEPTED, State.WAITLISTED),
    "offer": _way(State.OFFERED, State.ACCEPTED, State.WAITLISTED),
    "release_offer": _way(State.ACCEPTED, State.OFFERED),
    "place": _way(State.PLACED, State.ACCEPTED, State.WAITLISTED, State.OFFERED),
    "start": _way(State.ACTIVE, State.ACCEPTED, State.WAITLISTED, State.OFFERED, State.PLACED, State.ACTIVE),
    "correct_start": _way(State.PAUSED, State.PAUSED),
    "pause": _way(State.PAUSED, State.PLACED, State.ACTIVE),
    "resume": _way(State.ACTIVE, State.PAUSED),
    "end": _way(State.ENDED, *IN_PLACEMENT),
    "withdraw": _way(State.WITHDRAWN, State.SUBMITTED, State.INFORMATION_NEEDED, *IN_PLACEMENT),
    "mark_entered_in_error": _way(State.ENTERED_IN_ERROR, State.SUBMITTED, State.INFORMATION_NEEDED, *IN_PLACEMENT),
}

#: a person with a referral in any other state than these has an open referral, and can have one only
CLOSED: Final = frozenset({State.INELIGIBLE, State.ENDED, State.WITHDRAWN, State.ENTERED_IN_ERROR})

#: nobody has to act: the services are still deciding, and the next state is moments away
MOVING: Final = frozenset({State.SUBMITTED, State.ACCEPTED})
