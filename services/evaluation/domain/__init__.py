"""Who takes part in the evaluation, under which pseudonym, and on which days HES-SO asks."""

from services.evaluation.domain.errors import (
    EvaluationError,
    IllegalTransition,
    ParticipantNotFound,
    WaveNotOpen,
    WaveTooEarly,
)
from services.evaluation.domain.participation import (
    CLOSED,
    TRANSITIONS,
    Participation,
    Pause,
    State,
    enrol,
    refuse,
    refused,
    tombstone,
)
from services.evaluation.domain.waves import (
    EARLIEST,
    EXIT,
    T0,
    Wave,
    WaveState,
    add_months,
    months_until,
    periodic_plan,
)

__all__ = [
    "CLOSED",
    "EARLIEST",
    "EXIT",
    "T0",
    "TRANSITIONS",
    "EvaluationError",
    "IllegalTransition",
    "ParticipantNotFound",
    "Participation",
    "Pause",
    "State",
    "Wave",
    "WaveNotOpen",
    "WaveState",
    "WaveTooEarly",
    "add_months",
    "enrol",
    "months_until",
    "periodic_plan",
    "refuse",
    "refused",
    "tombstone",
]
