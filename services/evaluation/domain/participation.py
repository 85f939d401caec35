"""One referral's participant: enrolled under a pseudonym, followed until the end, forgotten when asked."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from contracts.evaluation import EvaluationEnrolled, EvaluationWaveCompleted, EvaluationWaveDue
from contracts.event import Event
from services.evaluation.domain.errors import IllegalTransition, WaveNotOpen
from services.evaluation.domain.waves import EXIT, T0, Wave, add_months, months_until, periodic_plan

#: reasons of an end that undo the participation instead of closing it: nobody is asked any more
UNDOING = frozenset({"withdrawn", "entered_in_error"})


class State(StrEnum):
    REFUSED = "refused"  #: has a place, does not want to be evaluated; we keep nothing else
    ENROLLED = "enrolled"  #: has a place, has not come yet
    ACTIVE = "active"  #: has come
    PAUSED = "paused"  #: away for a while; the waves go on
    ENDED = "ended"  #: has left; the exit wave is asked
    WITHDRAWN = "withdrawn"  #: the referral was taken back; nothing is asked. May be known before the place is
    LEFT = "left"  #: agreed to be evaluated and no longer does; nothing more is asked, what was answered stays
    ERASED = "erased"  #: the person's data is gone; only the reference stays, so that nothing late brings it back


#: years of birth are kept as five-year bands of those who were cut off
BIRTH_YEARS = 5

#: nothing that comes late opens these again
CLOSED = frozenset({State.REFUSED, State.WITHDRAWN, State.LEFT, State.ERASED})

TRANSITIONS: dict[str, dict[State, State]] = {
    "expect": {State.ENROLLED: State.ENROLLED, State.ACTIVE: State.ACTIVE, State.PAUSED: State.PAUSED}
    | {State.ENDED: State.ENDED},
    "start": {State.ENROLLED: State.ACTIVE, State.ACTIVE: State.ACTIVE, State.PAUSED: State.PAUSED}
    | {State.ENDED: State.ENDED},  # a first day noted wrongly may be put right after the end
    "pause": {State.ENROLLED: State.ENROLLED, State.ACTIVE: State.PAUSED, State.PAUSED: State.PAUSED},
    "resume": {State.ENROLLED: State.ENROLLED, State.ACTIVE: State.ACTIVE, State.PAUSED: State.ACTIVE},
    "end": dict.fromkeys((State.ENROLLED, State.ACTIVE, State.PAUSED, State.ENDED), State.ENDED),
    "withdraw": dict.fromkeys((State.ENROLLED, State.ACTIVE, State.PAUSED, State.ENDED), State.WITHDRAWN),
    "leave": dict.fromkeys((State.ENROLLED, State.ACTIVE, State.PAUSED, State.ENDED), State.LEFT),
}


@dataclass(eq=False)
class Pause:
    """That somebody was away, not why: the reason is none of the evaluation's."""

    from_on: date
    until_on: date | None = None


@dataclass(eq=False)
class Participation:
    """One referral's participant, under the pseudonym; nothing else about the person is known here."""

    id: str
    reference: str
    state: State
    pseudonym: str | None = None
    birth_year: int | None = None
    sex: str | None = None
    region: str | None = None
    language: str | None = None
    enrolled_on: date | None = None
    first_day: date | None = None  #: expected until `attended`, then the real one
    attended: bool = False
    ended_on: date | None = None
    waves: list[Wave] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)

    @property
    def closed(self) -> bool:
        return self.state in CLOSED

    def wave(self, code: str) -> Wave | None:
        return next((wave for wave in self.waves if wave.code == code), None)

    def enrolled(self) -> EvaluationEnrolled:
        waves = tuple(wave.code for wave in self.waves)
        return EvaluationEnrolled(reference=self.reference, pseudonym=self.pseudonym or "", consent=True, waves=waves)

    def expect(self, first_day: date | None, today: date) -> list[Event]:
        """The first day as it is expected; the real one, once known, stands."""
        if self.closed or self.attended or first_day is None:
            return []
        self._go("expect")
        return self._count_from(first_day, today)

    def start(self, on: date, today: date) -> list[Event]:
        """First attendance; told again with another day, the waves that are still open move with it."""
        if self.closed:
            return []
        self._go("start")
        self.attended = True
        return self._count_from(on, today)

    def pause(self, on: date) -> list[Event]:
        if self.closed:
            return []
        self._go("pause")
        if not any(pause.until_on is None for pause in self.pauses):
            self.pauses.append(Pause(on))
        return []

    def resume(self, on: date) -> list[Event]:
        if self.closed:
            return []
        self._go("resume")
        for pause in self.pauses:
            pause.until_on = pause.until_on or on
        return []

    def end(self, on: date, reason: str) -> list[Event]:
        """Stops what no longer applies; who has attended is asked once more, at the exit."""
        if self.closed or self.state is State.ENDED:
            return []
        if reason in UNDOING:
            return self.withdraw()
        self._go("end")
        self.ended_on = on
        self._stop_after_the_end()
        if self.attended:
            self.waves.append(Wave(EXIT, on))
        return []

    def withdraw(self) -> list[Event]:
        return self._stop_asking("withdraw")

    def leave(self) -> list[Event]:
        """The person no longer agrees to be evaluated."""
        return self._stop_asking("leave")

    def _stop_asking(self, transition: str) -> list[Event]:
        if self.closed:
            return []
        self._go(transition)
        for wave in self.waves:
            wave.stop()
        return []

    def cut_off(self) -> None:
        """Nothing leads from the answers to the person any more; who is left to ask is not asked."""
        self.reference = self.id
        self.birth_year = self.birth_year and self.birth_year - self.birth_year % BIRTH_YEARS
        for wave in self.waves:
            wave.stop()

    def erase(self) -> list[Event]:
        self.state, self.pseudonym, self.birth_year, self.sex = State.ERASED, None, None, None
        self.region, self.language, self.enrolled_on, self.first_day = None, None, None, None
        self.attended, self.ended_on = False, None
        self.waves, self.pauses = [], []
        return []

    def announce(self, today: date) -> list[Event]:
        """What has come due by `today`, each told once; plans one further year where the plan runs out."""
        due = [w for w in sorted(self.waves, key=lambda w: w.due_on) if w.come_due(today)]
        if due and self.first_day and self.state is not State.ENDED:
            self._count_from(self.first_day, today)
        return [
            EvaluationWaveDue(reference=self.reference, pseudonym=self.pseudonym or "", wave=w.code, due_on=w.due_on)
            for w in due
        ]

    def complete(self, code: str, on: date) -> list[Event]:
        """Notes that the participant has answered; raises WaveNotOpen or WaveTooEarly."""
        wave = self.wave(code)
        if wave is None:
            raise WaveNotOpen(code)
        wave.complete(on)
        return [EvaluationWaveCompleted(reference=self.reference, pseudonym=self.pseudonym or "", wave=code)]

    def _go(self, transition: str) -> None:
        if self.state not in TRANSITIONS[transition]:
            raise IllegalTransition(f"{transition} in state {self.state}")
        self.state = TRANSITIONS[transition][self.state]

    def _count_from(self, first_day: date, today: date) -> list[Event]:
        self.first_day = first_day
        for wave in self.waves:
            if months := months_until(wave.code):
                wave.reschedule(add_months(first_day, months))
        known = {wave.code for wave in self.waves}
        if self.state is not State.ENDED:
            self.waves += [Wave(c, day) for c, day in periodic_plan(first_day, today) if c not in known]
        self._stop_after_the_end()
        return []

    def _stop_after_the_end(self) -> None:
        if self.ended_on is None:
            return
        for wave in self.waves:
            if wave.code != EXIT and not self._still_applies(wave):
                wave.stop()

    def _still_applies(self, wave: Wave) -> bool:
        """A periodic wave whose day had come by the end is still worth asking; T0 compares with nothing then."""
        periodic = wave.code != T0 and self.attended
        return periodic and self.ended_on is not None and wave.due_on <= self.ended_on


def enrol(
    *,
    id: str,
    reference: str,
    pseudonym: str,
    birth_year: int,
    sex: str,
    region: str,
    language: str,
    starts_on: date | None,
    today: date,
) -> Participation:
    """A participant who has agreed: T0 is to be asked from today, the rest once the first day is known."""
    participation = Participation(
        id, reference, State.ENROLLED, pseudonym, birth_year, sex, region, language, enrolled_on=today
    )
    participation.waves = [Wave(T0, today)]
    participation.expect(starts_on, today)
    return participation


def refuse(*, id: str, reference: str, region: str) -> Participation:
    """Someone who has a place and does not want to be evaluated: counted, and nothing else kept."""
    return Participation(id, reference, State.REFUSED, region=region)


def refused(reference: str, pseudonym: str) -> EvaluationEnrolled:
    return EvaluationEnrolled(reference=reference, pseudonym=pseudonym, consent=False, waves=())


def tombstone(id: str, reference: str, state: State) -> Participation:
    """Remembers that the referral was taken back or erased, whatever arrives about it later."""
    return Participation(id, reference, state)
