"""Where a person stands with us, the seats that this takes, and every way from one state to the next."""

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """The states of a participation, as they are stored."""

    WAITING = "waiting"  # may be placed, has no place
    OFFERED = "offered"  # a place is held until a time
    PLACED = "placed"  # has a place, has not come yet
    ACTIVE = "active"  # takes part since the first attendance
    PAUSED = "paused"  # keeps the place, does not come for now
    ENDED = "ended"  # took part, waited or was taken back, and it is over


class Seat(StrEnum):
    """What a seat of a group is taken by; a group counts each kind."""

    OFFERED = "offered"
    PLACED = "placed"
    OCCUPIED = "occupied"


#: the seat that each state takes; the others take none
SEATS: Final[dict[State, Seat]] = {
    State.OFFERED: Seat.OFFERED,
    State.PLACED: Seat.PLACED,
    State.ACTIVE: Seat.OCCUPIED,
    State.PAUSED: Seat.OCCUPIED,
}

#: every transition by name: from which state to which. None leads out of `ended`
TRANSITIONS: Final[dict[str, dict[State, State]]] = {
    "place": {State.WAITING: State.PLACED},
    "offer": {State.WAITING: State.OFFERED},
    "accept": {State.OFFERED: State.PLACED},
    "decline": {State.OFFERED: State.WAITING},
    "expire": {State.OFFERED: State.WAITING},
    "rejoin": {State.WAITING: State.WAITING},
    "start": {State.PLACED: State.ACTIVE},
    "correct_start": {State.ACTIVE: State.ACTIVE, State.PAUSED: State.PAUSED},
    "pause": {State.ACTIVE: State.PAUSED},
    "resume": {State.PAUSED: State.ACTIVE},
    "end": {state: State.ENDED for state in State if state is not State.ENDED},
}
