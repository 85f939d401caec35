"""What the evaluation tells the others."""

from datetime import date

from contracts.event import Event, event


@event("evaluation.enrolled.v1")
class EvaluationEnrolled(Event):
    """The participant is in the evaluation under the pseudonym, or is not because consent was refused."""

    pseudonym: str
    consent: bool
    waves: tuple[str, ...]  #: codes planned: t0, m3, m6, m12, y2 …; empty without consent


@event("evaluation.wave_due.v1")
class EvaluationWaveDue(Event):
    """It is time to ask the participant."""

    pseudonym: str
    wave: str
    due_on: date


@event("evaluation.wave_completed.v1")
class EvaluationWaveCompleted(Event):
    pseudonym: str
    wave: str
