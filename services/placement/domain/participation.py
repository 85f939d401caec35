"""One referral's person, from being accepted to the end, as far as places are concerned."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from contracts.event import Event
from contracts.placement import (
    PlacementContactChanged,
    PlacementEnded,
    PlacementOfferDeclined,
    PlacementOffered,
    PlacementOfferExpired,
    PlacementPaused,
    PlacementPlaced,
    PlacementResumed,
    PlacementStarted,
)
from services.placement.domain.errors import DayTooEarly, DayTooLate, IllegalTransition, UnknownReason
from services.placement.domain.group import Group, Mode
from services.placement.domain.reasons import (
    DECLINE_REASONS,
    END_REASONS,
    ENDED_EARLY,
    ENDED_PLANNED,
    PAUSE_REASONS,
    PLANNED,
)
from services.placement.domain.states import SEATS, TRANSITIONS, Seat, State

LOCAL: Final = ZoneInfo("Europe/Zurich")

Events = list[Event]


def local_day(moment: datetime) -> date:
    """The day that `moment` (aware) falls on in Switzerland."""
    return moment.astimezone(LOCAL).date()


@dataclass(kw_only=True, eq=False)
class Participation:
    """The aggregate. Its state changes through the named transitions below, which return the events that tell it.

    Raises IllegalTransition where the state does not allow one. What is known of the person is None where the
    referral was taken back or erased before it ever reached us: then only the reference is kept.
    """

    reference: str
    state: State = State.WAITING
    since: datetime  #: when this state was entered
    region: str | None = None
    language: str | None = None
    urgency: str | None = None
    cms_area: str | None = None  #: of the CMS that referred
    accepted_at: datetime | None = None
    pseudonym: str | None = None
    birth_year: int | None = None
    sex: str | None = None
    evaluation_consent: bool = False
    contact: str | None = None  #: sealed for this service (JWE), as it came
    deferred: bool = False  #: waits, but let an offer go: is passed over until ready again
    group: str | None = None  #: code of the group whose seat is held; after the end, was held
    offered_until: datetime | None = None
    starts_on: date | None = None  #: first day: as agreed, then as attended
    paused_on: date | None = None
    ended_on: date | None = None
    reason: str | None = None  #: code: of the pause or the end
    interviews: dict[str, date | None] = field(default_factory=dict)  #: wave: due on; None once it took place
    version: int | None = None

    @property
    def seat(self) -> Seat | None:
        return SEATS.get(self.state)

    @property
    def is_open(self) -> bool:
        return self.state is not State.ENDED

    @property
    def outcome(self) -> str:
        """How the figures count somebody who is erased: who still had a place, or waited for one, has left early."""
        return ENDED_PLANNED if self.state is State.ENDED and self.reason == PLANNED else ENDED_EARLY

    @property
    def counted_in(self) -> str:
        """The month in which somebody is counted, such as 2026-11."""
        return f"{local_day(self.accepted_at or self.since):%Y-%m}"

    @property
    def is_ready(self) -> bool:
        """Whether a free place may be given to this person."""
        return self.state is State.WAITING and not self.deferred

    @property
    def interview_due_on(self) -> date | None:
        """The day since which an interview of the evaluation is due; None where none is."""
        return min((day for day in self.interviews.values() if day), default=None)

    def may(self, transition: str) -> bool:
        return self.state in TRANSITIONS[transition]

    def must(self, transition: str) -> None:
        """Raises IllegalTransition unless the state allows the transition of that name."""
        if not self.may(transition):
            raise IllegalTransition(transition, self.state)

    def take_contact(self, sealed: str) -> Events:
        """Other contact details or needs. Only of whoever holds a seat does the host see them, and is it told."""
        self.contact = sealed
        if self.seat is None:
            return []
        return [PlacementContactChanged(reference=self.reference, group=self.group or "", region=self.region or "")]

    def take_seat(self, group: Group, now: datetime) -> Events:
        """A free seat of `group`, at once or as an offer, as the group is set."""
        if group.mode is Mode.AUTOMATIC:
            return self.place(group, now)
        return self.offer(group, group.offer_until(now), now)

    def place(self, group: Group, now: datetime) -> Events:
        self._move("place", now)
        self.group, self.deferred = group.code, False
        return [self._placed(group)]

    def offer(self, group: Group, until: datetime, now: datetime) -> Events:
        self._move("offer", now)
        self.group, self.offered_until, self.deferred = group.code, until, False
        where = {"group": group.code, "group_name": group.name, "region": group.region}
        return [PlacementOffered(reference=self.reference, **where, until=until)]

    def accept(self, group: Group, starts_on: date | None, now: datetime) -> Events:
        """Takes the place offered; still possible after its time while nobody else was served."""
        self._move("accept", now)
        self.offered_until, self.starts_on = None, starts_on
        return [self._placed(group)]

    def decline(self, reason: str, now: datetime) -> Events:
        """Not now: the person waits on, and is passed over until ready again. Raises UnknownReason."""
        _check_reason(reason, DECLINE_REASONS)
        group = self._let_go("decline", now)
        region = str(self.region)
        return [PlacementOfferDeclined(reference=self.reference, group=group, region=region, reason=reason)]

    def expire(self, now: datetime) -> Events:
        """Nobody answered in time: as if declined for now."""
        group = self._let_go("expire", now)
        return [PlacementOfferExpired(reference=self.reference, group=group, region=str(self.region))]

    def rejoin(self, now: datetime) -> Events:
        """Ready again, at the place in the order that the time of acceptance gives."""
        self._move("rejoin", now)
        self.deferred = False
        return []

    def start(self, on: date, now: datetime) -> Events:
        """First attendance, or the first day put right. Raises DayTooLate, DayTooEarly."""
        _check_day(on, self._accepted_on, now)
        self._move("start" if self.may("start") else "correct_start", now)
        self.starts_on = on
        return [PlacementStarted(**self._at_group(), on=on)]

    def pause(self, on: date, reason: str, now: datetime) -> Events:
        """Raises UnknownReason, DayTooLate, DayTooEarly."""
        _check_reason(reason, PAUSE_REASONS)
        _check_day(on, self.starts_on, now)
        self._move("pause", now)
        self.paused_on, self.reason = on, reason
        return [PlacementPaused(**self._at_group(), on=on, reason=reason)]

    def resume(self, on: date, now: datetime) -> Events:
        """Raises DayTooLate, DayTooEarly."""
        _check_day(on, self.paused_on, now)
        self._move("resume", now)
        self.paused_on, self.reason = None, None
        return [PlacementResumed(**self._at_group(), on=on)]

    def end(self, on: date, reason: str, now: datetime) -> Events:
        """As the host notes it. Raises UnknownReason, DayTooLate, DayTooEarly."""
        _check_reason(reason, self.end_reasons)
        _check_day(on, self._attended_since or self._accepted_on, now)
        return self._close(on, reason, now)

    def withdraw(self, reason: str, now: datetime) -> Events:
        """The CMS took the referral back: `withdrawn` or `entered_in_error`."""
        return self._close(local_day(now), reason, now)

    def erase(self, now: datetime) -> None:
        """Only the reference stays, so that nothing late brings the rest back."""
        blank = Participation(reference=self.reference, state=State.ENDED, since=now)
        for name, value in vars(blank).items():
            if name != "version" and not name.startswith("_"):
                setattr(self, name, value)

    def note_interview_due(self, wave: str, due_on: date) -> None:
        if wave not in self.interviews:
            self.interviews = self.interviews | {wave: due_on}

    def note_interview_done(self, wave: str) -> None:
        self.interviews = self.interviews | {wave: None}

    @property
    def end_reasons(self) -> tuple[str, ...]:
        """What an end may be noted with now: nobody can end as planned before having come."""
        attended = self.state in (State.ACTIVE, State.PAUSED)
        return END_REASONS if attended else tuple(reason for reason in END_REASONS if reason != PLANNED)

    @property
    def _accepted_on(self) -> date | None:
        return local_day(self.accepted_at) if self.accepted_at else None

    @property
    def _attended_since(self) -> date | None:
        return self.starts_on if self.state in (State.ACTIVE, State.PAUSED) else None

    def _let_go(self, transition: str, now: datetime) -> str:
        self._move(transition, now)
        group, self.group, self.offered_until, self.deferred = self.group, None, None, True
        return str(group)

    def _close(self, on: date, reason: str, now: datetime) -> Events:
        self._move("end", now)
        self.deferred, self.offered_until, self.paused_on = False, None, None
        self.ended_on, self.reason = on, reason
        ended = PlacementEnded(
            reference=self.reference,
            group=self.group,
            region=str(self.region),
            on=on,
            reason=reason,
            planned=reason == PLANNED,
        )
        return [ended]

    def _placed(self, group: Group) -> PlacementPlaced:
        return PlacementPlaced(
            reference=self.reference,
            group=group.code,
            group_name=group.name,
            starts_on=self.starts_on,
            pseudonym=str(self.pseudonym),
            birth_year=self.birth_year or 0,
            sex=str(self.sex),
            region=group.region,
            language=str(self.language),
            evaluation_consent=self.evaluation_consent,
        )

    def _at_group(self) -> dict[str, str]:
        return {"reference": self.reference, "group": str(self.group), "region": str(self.region)}

    def _move(self, transition: str, now: datetime) -> None:
        self.must(transition)
        target = TRANSITIONS[transition][self.state]
        if target is not self.state:
            self.state, self.since = target, now


def withdrawn_before(reference: str, reason: str, now: datetime) -> Participation:
    """Remembers a referral that was taken back before we heard that it was accepted."""
    return Participation(reference=reference, state=State.ENDED, since=now, reason=reason)


def erased_before(reference: str, now: datetime) -> Participation:
    return Participation(reference=reference, state=State.ENDED, since=now)


def _check_reason(reason: str, known: tuple[str, ...]) -> None:
    if reason not in known:
        raise UnknownReason(reason)


def _check_day(on: date, earliest: date | None, now: datetime) -> None:
    if on > local_day(now):
        raise DayTooLate(local_day(now))
    if earliest and on < earliest:
        raise DayTooEarly(earliest)
