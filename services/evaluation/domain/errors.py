"""What the evaluation does not allow."""


class EvaluationError(Exception):
    """Something the evaluation does not allow."""


class ParticipantNotFound(EvaluationError):
    """No participation is known under this key."""


class IllegalTransition(EvaluationError):
    """The participation's state does not allow this."""


class WaveNotOpen(EvaluationError):
    """The wave is completed or stopped, or was never planned."""


class WaveTooEarly(EvaluationError):
    """The wave's day is still too far away."""
