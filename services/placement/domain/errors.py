"""What placement refuses. No message holds personal data."""

from datetime import date

from services.placement.domain.states import State


class PlacementError(Exception):
    """Base of all that placement refuses."""


class ParticipationNotFound(PlacementError):
    """Nobody was accepted under this reference."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"no participation for {reference}")


class GroupNotFound(PlacementError):
    """There is no group of this code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"no group {code}")


class GroupExists(PlacementError):
    """Another group has this code already."""

    def __init__(self, code: str) -> None:
        super().__init__(f"there is a group {code} already")


class IllegalTransition(PlacementError):
    """The state does not allow this, or does not allow it any more."""

    def __init__(self, transition: str, state: State) -> None:
        super().__init__(f"cannot {transition} a participation that is {state}")
        self.transition = transition
        self.state = state


class GroupFull(PlacementError):
    """The group has no seat left. Nobody should ever see this: a seat is looked for before it is given."""

    def __init__(self, code: str) -> None:
        super().__init__(f"group {code} has no seat left")


class UnknownReason(PlacementError):
    """The reason is none of the list, or not one for this state."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"not a reason for this: {reason}")


class DayTooLate(PlacementError):
    """What has happened can't have happened in the future."""

    def __init__(self, latest: date) -> None:
        super().__init__(f"the day lies after {latest}")
        self.latest = latest


class DayTooEarly(PlacementError):
    """The day lies before what it follows: an end before the first day, a first day before the acceptance."""

    def __init__(self, earliest: date) -> None:
        super().__init__(f"the day lies before {earliest}")
        self.earliest = earliest
