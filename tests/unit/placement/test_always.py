"""Whatever happens in whatever order: what must always be true of places and the waiting list."""

from collections import Counter
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from services.placement.domain import (
    DECLINE_REASONS,
    SEATS,
    IllegalTransition,
    Mode,
    State,
    local_day,
    order,
    roomiest,
)
from tests.unit.placement.people import NOW, group, programme, someone

#: what each event makes of a person, by the event's type
TOLD_STATES = {
    "placement.waitlisted.v1": State.WAITING,
    "placement.offered.v1": State.OFFERED,
    "placement.offer_declined.v1": State.WAITING,
    "placement.offer_expired.v1": State.WAITING,
    "placement.placed.v1": State.PLACED,
    "placement.started.v1": State.ACTIVE,
    "placement.paused.v1": State.PAUSED,
    "placement.resumed.v1": State.ACTIVE,
    "placement.ended.v1": State.ENDED,
}


class PlacesAndPeople(RuleBasedStateMachine):
    """Two groups of one programme, and people who come, go, accept, decline, pause and end as they like."""

    people = Bundle("people")

    @initialize(a=st.integers(0, 4), b=st.integers(0, 3), modes=st.tuples(*[st.sampled_from(Mode)] * 2))
    def open_the_groups(self, a, b, modes):
        self.now = NOW
        self.groups = [
            group(capacity=a, code="a", mode=modes[0], offer_days=1),
            group(capacity=b, code="b", mode=modes[1], offer_days=2),
        ]
        self.programme = programme(*self.groups)
        self.known = {}
        self.told = {}

    def do(self, change):
        """Makes a change, refused or not, and follows what is told of it as a reader of the events would."""
        free, line = sum(each.free for each in self.groups), sorted(self.waiting, key=order)
        try:
            events = change()
        except IllegalTransition:
            events = []
            assert sum(each.free for each in self.groups) == free, "what is refused frees nothing"
        for event in events:
            is_correction = event.TYPE == "placement.started.v1" and self.told[event.reference] is State.PAUSED
            self.told[event.reference] = State.PAUSED if is_correction else TOLD_STATES[event.TYPE]
        given = [event.reference for event in events if event.TYPE in ("placement.placed.v1", "placement.offered.v1")]
        served = [each.reference for each in line if each.reference in given]
        still = [each.reference for each in line if each.is_ready or each.reference in given]
        assert served == still[: len(served)], "whoever is served was first"
        return events

    @rule(target=people, late=st.integers(0, 5))
    def accepted_as_usual(self, late):
        return self.accepted("normal", late)

    @rule(target=people, urgency=st.sampled_from(("high", "normal")), late=st.integers(0, 5))
    def accepted_urgent_or_not(self, urgency, late):
        return self.accepted(urgency, late)

    def accepted(self, urgency, late):
        """Somebody is accepted; news may come late, so that the time lies before that of others."""
        person = someone(len(self.known) + 1, urgency, minutes=(self.now - NOW) // timedelta(minutes=1) - late)
        self.known[person.reference] = person
        ahead = [each for each in self.waiting if order(each) < order(person)]
        events = self.do(lambda: self.programme.admit(person, self.now))
        if person.state is State.WAITING:
            assert events[0].position == len(ahead) + 1
        else:
            assert not ahead, "nobody who waits is overtaken"
        return person

    @rule(person=people)
    def withdrawn(self, person):
        self.leave(person, lambda: self.programme.withdraw(person, "withdrawn", self.now))

    @rule(person=people)
    def ended(self, person):
        today = local_day(self.now)
        self.leave(person, lambda: self.programme.end(person, today, "other", self.now))

    @rule(person=people)
    def erased(self, person):
        self.leave(person, lambda: self.programme.erase(person, self.now))
        self.told[person.reference] = State.ENDED

    def leave(self, person, change):
        """Whoever leaves a seat that stays in use lets exactly one in, and it is whoever was first."""
        had_seat, line = person.seat is not None, sorted(self.waiting, key=order)
        shrinks = any(each.code == person.group and each.shrinking_to is not None for each in self.groups)
        closed = any(each.code == person.group and not each.is_open for each in self.groups)
        self.do(change)
        served = [each for each in line if each.state is not State.WAITING and each is not person]
        freed = had_seat and not shrinks and not closed
        assert served == ([each for each in line if each is not person][:1] if freed else [])

    @rule(person=people)
    def accepts(self, person):
        self.do(lambda: self.programme.accept(person, None, self.now))

    @rule(person=people, reason=st.sampled_from(DECLINE_REASONS))
    def declines(self, person, reason):
        self.do(lambda: self.programme.decline(person, reason, self.now))

    @rule(person=people)
    def is_ready_again(self, person):
        self.do(lambda: self.programme.rejoin(person, self.now))

    @rule(person=people)
    def starts(self, person):
        self.do(lambda: self.programme.start(person, local_day(self.now), self.now))

    @rule(person=people)
    def pauses(self, person):
        self.do(lambda: self.programme.pause(person, local_day(self.now), "health", self.now))

    @rule(person=people)
    def resumes(self, person):
        self.do(lambda: self.programme.resume(person, local_day(self.now), self.now))

    @rule(minutes=st.sampled_from((0, 1, 60, 3000)))
    def time_goes_by(self, minutes):
        """Offers run out as the schedule would let them."""
        self.now += timedelta(minutes=minutes)
        for person in list(self.known.values()):
            if person.offered_until and person.offered_until <= self.now:
                self.do(lambda person=person: self.programme.expire(person, self.now))

    @rule(index=st.integers(0, 1), capacity=st.integers(0, 5))
    def is_resized(self, index, capacity):
        self.groups[index].resize(capacity)
        self.do(lambda: self.programme.serve(self.now))

    @rule(index=st.integers(0, 1), is_open=st.booleans())
    def opens_or_closes(self, index, is_open):
        self.groups[index].open() if is_open else self.groups[index].close()
        self.do(lambda: self.programme.serve(self.now))

    @rule(index=st.integers(0, 1), mode=st.sampled_from(Mode))
    def gives_places_otherwise(self, index, mode):
        self.groups[index].hand_out(mode, 1)

    @rule(target=people)
    def a_third_group_opens(self):
        if len(self.groups) > 2:
            return multiple()
        third = group(capacity=1, code="c")
        self.groups.append(third)
        self.do(lambda: self.programme.add_group(third, self.now))
        return multiple()

    @property
    def waiting(self):
        return [person for person in self.known.values() if person.is_ready]

    @invariant()
    def no_group_holds_more_than_its_capacity(self):
        for each in self.groups:
            assert each.offered + each.placed + each.occupied <= each.capacity

    @invariant()
    def counts_are_what_people_make_them(self):
        seats = Counter((person.group, person.seat) for person in self.known.values() if person.state in SEATS)
        for each in self.groups:
            told = {"offered": each.offered, "placed": each.placed, "occupied": each.occupied}
            assert told == {kind: seats[each.code, kind] for kind in told}
        ready = Counter(person.urgency for person in self.waiting)
        assert {urgency: lane.ready for urgency, lane in self.programme.lanes.items()} == {
            urgency: ready[urgency] for urgency in ("high", "normal")
        }

    @invariant()
    def nobody_who_is_ready_waits_for_a_free_place(self):
        assert not (self.waiting and roomiest(self.groups))

    @invariant()
    def positions_are_the_order(self):
        line = sorted(self.waiting, key=order)
        assert [self.programme.position(person) for person in line] == list(range(1, len(line) + 1))

    @invariant()
    def who_only_listens_to_the_events_knows_where_everybody_stands(self):
        assert self.told == {reference: person.state for reference, person in self.known.items()}

    @invariant()
    def a_group_shrinks_only_while_too_many_are_in_it(self):
        for each in self.groups:
            assert each.shrinking_to is None or each.taken == each.capacity > each.shrinking_to


TestPlacesAndPeople = PlacesAndPeople.TestCase
TestPlacesAndPeople.settings = settings(
    max_examples=200, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
