"""Who gets a place, who waits, and who is next."""

from dataclasses import fields
from datetime import date, timedelta

import pytest

from services.placement.domain import (
    DayTooEarly,
    DayTooLate,
    GroupFull,
    IllegalTransition,
    Mode,
    Seat,
    State,
    UnknownReason,
)
from tests.unit.placement.people import NOW, group, programme, someone, told

TODAY = date(2026, 11, 23)


def admit(programme, *people):
    return [event for person in people for event in programme.admit(person, NOW)]


def test_a_free_place_is_taken_at_once():
    person, sion = someone(), group()
    events = admit(programme(sion), person)
    assert told(events) == ["placed 1"]
    assert (person.state, person.group, sion.placed, sion.free) == (State.PLACED, "oseo-sion", 1, 1)


def test_who_finds_no_place_waits_and_is_told_the_position_and_why():
    events = admit(programme(group(capacity=1)), someone(1), someone(2), someone(3))
    assert told(events) == ["placed 1", "waitlisted 2", "waitlisted 3"]
    assert [(event.position, event.reason, event.group) for event in events[1:]] == [
        (1, "group_full", "oseo-sion"),
        (2, "group_full", "oseo-sion"),
    ]


def test_a_closed_group_gives_no_place_and_the_reason_says_so():
    (event,) = admit(programme(group(is_open=False)), someone())
    assert (event.position, event.reason, event.group) == (1, "group_closed", None)


def test_without_any_group_the_reason_says_so():
    (event,) = admit(programme(), someone())
    assert (event.reason, event.group) == ("no_group", None)


def test_the_group_with_more_free_places_is_taken():
    full, empty = group(capacity=1, code="a"), group(capacity=3, code="b")
    people = [someone(n) for n in range(4)]
    admit(programme(full, empty), *people)
    assert [person.group for person in people] == ["b", "b", "a", "b"]


def test_the_urgent_stand_before_all_others_and_among_them_the_earlier_accepted():
    whole = programme(group(capacity=0))
    events = admit(
        whole,
        someone(1, minutes=1),
        someone(2, "high", minutes=2),
        someone(3, minutes=3),
        someone(4, "high", minutes=4),
    )
    assert [event.position for event in events] == [1, 1, 3, 2]
    assert told(whole.add_group(group(capacity=4, code="new"), NOW)) == ["placed 2", "placed 4", "placed 1", "placed 3"]


def test_who_was_accepted_earlier_but_arrives_late_stands_where_the_time_says():
    whole = programme(group(capacity=0))
    events = admit(whole, someone(1, minutes=1), someone(3, minutes=3), someone(2, minutes=2))
    assert [event.position for event in events] == [1, 2, 2]


def test_of_those_accepted_at_the_same_moment_the_lower_reference_is_first():
    whole = programme(group(capacity=0))
    assert [event.position for event in admit(whole, someone(2), someone(1))] == [1, 1]


def test_a_freed_place_serves_exactly_the_next():
    whole, first = programme(group(capacity=1)), someone(1)
    admit(whole, first, someone(2), someone(3))
    assert told(whole.withdraw(first, "withdrawn", NOW)) == ["ended 1", "placed 2"]


def test_who_leaves_the_waiting_list_frees_no_place():
    whole, third = programme(group(capacity=1)), someone(3)
    admit(whole, someone(1), someone(2), third)
    events = whole.withdraw(third, "withdrawn", NOW)
    assert told(events) == ["ended 3"]
    assert (events[0].group, events[0].planned, whole.ready) == (None, False, 1)


def test_an_offer_holds_the_place_until_its_time_is_over():
    person, sion = someone(), group(mode=Mode.OFFER, offer_days=3)
    (event,) = admit(programme(sion), person)
    assert event.until == person.offered_until == NOW + timedelta(days=3)
    assert (sion.offered, sion.free) == (1, 1)


def test_an_accepted_offer_becomes_a_place():
    person, sion = someone(), group(mode=Mode.OFFER)
    whole = programme(sion)
    admit(whole, person)
    (event,) = whole.accept(person, date(2026, 12, 1), NOW)
    assert (event.starts_on, event.group_name, event.pseudonym) == (date(2026, 12, 1), "OSEO Sion", "P-1")
    assert (sion.offered, sion.placed) == (0, 1)


@pytest.mark.parametrize("letting_go", ["decline", "expire"])
def test_an_offer_let_go_goes_to_the_next_and_its_holder_is_passed_over(letting_go):
    whole, first = programme(group(capacity=1, mode=Mode.OFFER)), someone(1)
    admit(whole, first, someone(2))
    events = whole.decline(first, "not_now", NOW) if letting_go == "decline" else whole.expire(first, NOW)
    name = {"decline": "offer_declined", "expire": "offer_expired"}[letting_go]
    assert told(events) == [f"{name} 1", "waitlisted 1", "offered 2"]
    assert (events[1].reason, events[1].position) == ("offer_not_taken", 1)
    assert (first.deferred, first.is_ready, whole.ready) == (True, False, 0)


def test_an_offer_let_go_is_not_made_again_while_nobody_asks():
    whole, only = programme(group(capacity=1, mode=Mode.OFFER)), someone(1)
    admit(whole, only)
    assert told(whole.expire(only, NOW)) == ["offer_expired 1", "waitlisted 1"]
    assert whole.serve(NOW) == []


def test_who_is_ready_again_gets_the_free_place():
    whole, only = programme(group(capacity=1, mode=Mode.OFFER)), someone(1)
    admit(whole, only)
    whole.expire(only, NOW)
    assert told(whole.rejoin(only, NOW)) == ["offered 1"]


def test_who_is_ready_again_and_finds_no_place_stands_where_the_time_of_acceptance_says():
    whole, first = programme(group(capacity=1, mode=Mode.OFFER)), someone(1, minutes=1)
    admit(whole, first, someone(2, minutes=2), someone(3, minutes=3))
    whole.decline(first, "not_now", NOW)
    (event,) = whole.rejoin(first, NOW)
    assert (event.position, event.reason, whole.ready) == (1, "group_full", 2)


def test_more_capacity_serves_as_many_as_it_holds():
    sion = group(capacity=1)
    whole = programme(sion)
    admit(whole, *(someone(n) for n in range(1, 5)))
    sion.resize(3)
    assert told(whole.serve(NOW)) == ["placed 2", "placed 3"]


def test_less_capacity_turns_nobody_out_and_takes_effect_as_people_leave():
    sion = group(capacity=3)
    whole, people = programme(sion), [someone(n) for n in range(1, 5)]
    admit(whole, *people)
    sion.resize(1)
    assert (sion.capacity, sion.wanted_capacity, sion.taken) == (3, 1, 3)
    assert told(whole.withdraw(people[0], "withdrawn", NOW)) == ["ended 1"]
    assert told(whole.withdraw(people[1], "withdrawn", NOW)) == ["ended 2"]
    assert (sion.capacity, sion.shrinking_to) == (1, None)
    assert told(whole.withdraw(people[2], "withdrawn", NOW)) == ["ended 3", "placed 4"]


def test_an_offer_in_a_shrinking_group_can_still_be_accepted():
    sion, person = group(capacity=2, mode=Mode.OFFER), someone(1)
    whole = programme(sion)
    admit(whole, person, someone(2))
    sion.resize(1)
    whole.accept(person, None, NOW)
    assert (sion.capacity, sion.placed, sion.offered) == (2, 1, 1)


def test_a_group_that_opens_again_serves_those_who_waited():
    sion = group(is_open=False)
    whole = programme(sion)
    admit(whole, someone(1), someone(2), someone(3))
    sion.open()
    assert told(whole.serve(NOW)) == ["placed 1", "placed 2"]


def test_a_full_group_gives_no_seat_whoever_asks():
    sion = group(capacity=0)
    with pytest.raises(GroupFull):
        sion.move(None, Seat.PLACED)


def placed():
    person = someone()
    whole = programme(group())
    admit(whole, person)
    return whole, person


def active():
    whole, person = placed()
    whole.start(person, TODAY, NOW)
    return whole, person


def test_the_first_attendance_makes_a_place_an_occupied_one():
    whole, person = placed()
    (event,) = whole.start(person, TODAY, NOW)
    assert (event.on, person.state, whole.group("oseo-sion").occupied) == (TODAY, State.ACTIVE, 1)


def test_a_first_day_noted_wrongly_is_put_right_and_told_again():
    whole, person = active()
    person.accepted_at -= timedelta(days=10)
    (event,) = whole.start(person, TODAY - timedelta(days=7), NOW)
    assert (event.on, person.starts_on, person.state) == (date(2026, 11, 16), date(2026, 11, 16), State.ACTIVE)


def test_a_pause_keeps_the_place():
    whole, person = active()
    assert told(whole.pause(person, TODAY, "health", NOW)) == ["paused 1"]
    assert whole.group("oseo-sion").occupied == 1
    assert told(whole.resume(person, TODAY, NOW)) == ["resumed 1"]
    assert person.reason is None


def test_an_end_as_planned_is_told_as_planned_and_an_early_one_with_its_reason():
    whole, person = active()
    (event,) = whole.end(person, TODAY, "planned", NOW)
    assert (event.planned, event.reason, event.group) == (True, "planned", "oseo-sion")
    whole, person = active()
    (event,) = whole.end(person, TODAY, "found_work", NOW)
    assert (event.planned, event.reason) == (False, "found_work")


def test_nobody_ends_as_planned_before_having_come():
    whole, person = placed()
    with pytest.raises(UnknownReason):
        whole.end(person, TODAY, "planned", NOW)


def test_what_has_happened_lies_neither_in_the_future_nor_before_what_it_follows():
    whole, person = placed()
    with pytest.raises(DayTooLate):
        whole.start(person, TODAY + timedelta(days=1), NOW)
    with pytest.raises(DayTooEarly):
        whole.start(person, TODAY - timedelta(days=1), NOW)
    whole.start(person, TODAY, NOW)
    with pytest.raises(DayTooEarly):
        whole.end(person, TODAY - timedelta(days=1), "planned", NOW)


def test_a_refused_transition_changes_no_count():
    whole, person = placed()
    with pytest.raises(IllegalTransition):
        whole.pause(person, TODAY, "health", NOW)
    assert (person.state, whole.group("oseo-sion").placed) == (State.PLACED, 1)


def test_nothing_leads_out_of_an_end():
    whole, person = active()
    whole.end(person, TODAY, "planned", NOW)
    for again in (
        lambda: whole.start(person, TODAY, NOW),
        lambda: whole.withdraw(person, "withdrawn", NOW),
        lambda: whole.rejoin(person, NOW),
    ):
        with pytest.raises(IllegalTransition):
            again()


def test_who_is_erased_is_forgotten_and_the_place_goes_on():
    whole, person = programme(group(capacity=1)), someone(1)
    admit(whole, person, someone(2))
    assert told(whole.erase(person, NOW)) == ["placed 2"]
    kept = {field.name: value for field in fields(person) if (value := getattr(person, field.name))}
    assert kept == {"reference": "ISA-2026-000001", "state": State.ENDED, "since": NOW}


def test_an_interview_is_due_until_it_took_place_whatever_comes_twice():
    person = someone()
    person.note_interview_due("m3", TODAY)
    person.note_interview_due("t0", TODAY - timedelta(days=3))
    assert person.interview_due_on == date(2026, 11, 20)
    person.note_interview_done("t0")
    person.note_interview_due("t0", TODAY)
    assert person.interview_due_on == TODAY
