"""Placement on real stores: what it does when it is told something, in whatever order, once or twice."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from contracts.evaluation import EvaluationWaveCompleted, EvaluationWaveDue
from contracts.referral import ReferralContactCorrected, ReferralErased
from services.placement import handlers
from services.placement.domain import GroupExists, GroupNotFound, IllegalTransition, Mode, State
from services.placement.handlers import GroupSettings
from services.placement.store import tables
from tests.happenings import happened
from tests.unit.placement.rooms import Rooms, reference

TODAY = date(2026, 11, 23)


@pytest.fixture(params=["sqlite", "postgresql"])
def rooms(request, tmp_path):
    url = request.getfixturevalue("database_url") if request.param == "postgresql" else None
    rooms = Rooms(tmp_path, url)
    yield rooms
    rooms.check()
    rooms.context.store.dispose()


def settings(**changed):
    known = {"name": "OSEO Sion", "capacity": 15, "is_open": True, "mode": Mode.AUTOMATIC, "offer_days": 7}
    return GroupSettings(**known | changed)


def change(rooms, code="oseo-sion", **changed):
    with rooms.context.unit() as unit:
        handlers.change_group(unit, code, settings(**changed))


def do(rooms, command, *arguments):
    with rooms.context.unit() as unit:
        command(unit, *arguments)


def test_the_migrations_make_the_tables_that_the_code_expects(rooms):
    assert rooms.differences() == []


def test_the_programme_begins_with_two_groups_of_fifteen(rooms):
    for code in ("oseo-sion", "oseo-bas-valais"):
        group = rooms.group(code)
        assert (group.capacity, group.is_open, group.mode, group.language) == (15, True, "automatic", "fr")


def test_of_a_hundred_accepted_at_once_fifteen_are_placed_and_the_others_wait_in_order(rooms):
    rooms.tell(*(rooms.accepted(n) for n in range(1, 101)))
    assert rooms.told() == [f"placed {n}" for n in range(1, 16)] + [f"waitlisted {n}" for n in range(16, 101)]
    assert [event.position for event in rooms.events()[15:]] == list(range(1, 86))


def test_a_batch_costs_no_query_per_event(rooms):
    statements = []
    sa.event.listen(rooms.context.store.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    rooms.tell(*(rooms.accepted(n) for n in range(1, 101)))
    assert len([s for s in statements if s.startswith("SELECT")]) <= 6, statements
    assert len(statements) <= 16, statements


def test_each_region_and_language_has_its_own_places_and_list(rooms):
    rooms.tell(rooms.accepted(1, "bas-valais"), rooms.accepted(2, language="de"), rooms.accepted(3, "sierre"))
    assert rooms.told() == ["placed 1", "waitlisted 2", "waitlisted 3"]
    assert [(event.reason, event.position) for event in rooms.events()[1:]] == [("no_group", 1), ("no_group", 1)]


def test_a_withdrawn_referral_frees_its_place_and_the_next_has_it(rooms):
    rooms.tell(*(rooms.accepted(n) for n in range(1, 19)))
    rooms.tell(rooms.withdrawn(3))
    assert rooms.told(since=18) == ["ended 3", "placed 16"]
    ended = rooms.events()[18]
    assert (ended.reason, ended.planned, ended.group, ended.on) == ("withdrawn", False, "oseo-sion", TODAY)


def test_a_referral_entered_in_error_ends_as_such(rooms):
    rooms.tell(rooms.accepted(1), rooms.withdrawn(1, "entered_in_error"))
    assert rooms.events()[-1].reason == "entered_in_error"


def test_many_withdrawals_in_one_batch_serve_as_many_in_order(rooms):
    rooms.tell(*(rooms.accepted(n, urgency="high" if n > 50 else "normal") for n in range(1, 61)))
    rooms.tell(*(rooms.withdrawn(n) for n in range(1, 16)), rooms.accepted(61, urgency="high"))
    served = [line for line in rooms.told(since=60) if line.startswith("placed")]
    assert served == [f"placed {n}" for n in [*range(51, 61), *range(16, 21)]]


def test_a_withdrawal_that_comes_before_the_acceptance_keeps_the_person_out(rooms):
    rooms.tell(rooms.withdrawn(1))
    rooms.tell(rooms.accepted(1))
    assert (rooms.told(), rooms.person(1).state) == ([], State.ENDED)


def test_acceptance_and_withdrawal_in_one_batch_leave_no_trace_on_the_counts(rooms):
    rooms.tell(rooms.accepted(1), rooms.withdrawn(1), rooms.accepted(2))
    assert rooms.told() == ["placed 1", "ended 1", "placed 2"]
    assert rooms.group().placed == 1


def test_what_is_told_twice_is_done_once(rooms):
    for event in (rooms.accepted(1), rooms.accepted(1), rooms.withdrawn(1), rooms.withdrawn(1), rooms.accepted(1)):
        rooms.tell(event)
    assert rooms.told() == ["placed 1", "ended 1"]


def test_who_is_accepted_earlier_but_told_later_stands_where_the_time_says(rooms):
    change(rooms, capacity=0)
    rooms.tell(rooms.accepted(1), minutes=10)
    rooms.tell(rooms.accepted(2), rooms.accepted(3), minutes=20)
    rooms.tell(rooms.accepted(4), minutes=15)
    assert [event.position for event in rooms.events()] == [1, 2, 3, 2]
    change(rooms, capacity=4)
    assert rooms.told(since=4) == ["placed 1", "placed 4", "placed 2", "placed 3"]


def test_who_is_erased_is_forgotten_for_good_and_the_place_goes_on(rooms):
    rooms.tell(*(rooms.accepted(n) for n in range(1, 17)))
    rooms.tell(rooms.erased(1))
    rooms.tell(rooms.accepted(1))
    assert rooms.told(since=15) == ["placed 16"]
    person = rooms.person(1)
    assert (person.state, person.contact, person.pseudonym, person.region) == (State.ENDED, None, None, None)


def test_a_corrected_contact_is_the_one_that_counts_and_knows_nobody_again(rooms):
    rooms.tell(rooms.accepted(1), rooms.accepted(2), happened(ReferralErased, reference(2)))
    for number in (1, 2, 3):
        rooms.tell(happened(ReferralContactCorrected, reference(number), contact="another"))
    assert rooms.person(1).contact == "another"
    assert rooms.person(2).contact is None


def test_the_host_is_told_of_a_corrected_contact_of_whom_it_receives_and_of_nobody_else(rooms):
    change(rooms, capacity=1)
    rooms.tell(rooms.accepted(1), rooms.accepted(2))
    for number in (1, 2):
        rooms.tell(happened(ReferralContactCorrected, reference(number), contact="another"))
    assert rooms.told() == ["placed 1", "waitlisted 2", "contact_changed 1"]
    rooms.tell(rooms.withdrawn(1), happened(ReferralContactCorrected, reference(1), contact="a third"))
    assert rooms.told(since=3) == ["ended 1", "placed 2"]
    assert rooms.person(2).contact == "another"


def test_an_erasure_of_somebody_unknown_is_remembered(rooms):
    rooms.tell(rooms.erased(1))
    rooms.tell(rooms.accepted(1), rooms.withdrawn(1), rooms.erased(1))
    assert rooms.told() == []


def test_who_is_erased_while_waiting_counts_no_more(rooms):
    change(rooms, capacity=0)
    rooms.tell(rooms.accepted(1), rooms.accepted(2), rooms.erased(1))
    change(rooms, capacity=1)
    assert rooms.told(since=1) == ["placed 2"]


def test_an_interview_is_noted_as_due_and_as_done_for_those_who_are_known(rooms):
    rooms.tell(rooms.accepted(1))
    due = EvaluationWaveDue(reference=reference(1), pseudonym="P-1", wave="t0", due_on=TODAY)
    done = EvaluationWaveCompleted(reference=reference(1), pseudonym="P-1", wave="t0")
    rooms.tell(due, EvaluationWaveDue(reference=reference(9), pseudonym="P-9", wave="t0", due_on=TODAY))
    assert rooms.person(1).interview_due_on == TODAY
    rooms.tell(done, EvaluationWaveCompleted(reference=reference(9), pseudonym="P-9", wave="t0"))
    rooms.tell(due)
    assert rooms.person(1).interviews == {"t0": None}


def test_offers_are_made_accepted_declined_and_expire(rooms):
    change(rooms, capacity=2, mode=Mode.OFFER, offer_days=3)
    rooms.tell(*(rooms.accepted(n) for n in range(1, 6)))
    do(rooms, handlers.accept_offer, reference(1), date(2026, 12, 1))
    do(rooms, handlers.decline_offer, reference(2), "not_now")
    assert rooms.told(since=5) == ["placed 1", "offer_declined 2", "waitlisted 2", "offered 3"]
    rooms.clock.move(days=3)
    handlers.expire_offers(rooms.context)
    assert rooms.told(since=9) == ["offer_expired 3", "waitlisted 3", "offered 4"]
    handlers.expire_offers(rooms.context)
    assert len(rooms.told()) == 12
    with pytest.raises(IllegalTransition):
        do(rooms, handlers.accept_offer, reference(3))


def test_many_offers_that_expire_at_once_each_go_to_exactly_one(rooms):
    change(rooms, capacity=150, mode=Mode.OFFER, offer_days=1)
    rooms.tell(*(rooms.accepted(n) for n in range(1, 201)))
    rooms.clock.move(days=2)
    handlers.expire_offers(rooms.context)
    told = rooms.told(since=200)
    assert len([line for line in told if line.startswith("offer_expired")]) == 150
    assert [line for line in told if line.startswith("offered")] == [f"offered {n}" for n in range(151, 201)]


def test_who_is_ready_again_is_next_in_the_order_of_acceptance(rooms):
    change(rooms, capacity=1, mode=Mode.OFFER)
    rooms.tell(*(rooms.accepted(n) for n in range(1, 4)))
    do(rooms, handlers.decline_offer, reference(1), "health")
    do(rooms, handlers.rejoin, reference(1))
    rooms.tell(rooms.withdrawn(2))
    assert rooms.told(since=3) == [
        "offer_declined 1",
        "waitlisted 1",
        "offered 2",
        "waitlisted 1",
        "ended 2",
        "offered 1",
    ]


def test_a_participation_starts_pauses_goes_on_and_ends(rooms):
    rooms.tell(*(rooms.accepted(n) for n in range(1, 17)))
    rooms.clock.move(days=20)
    day = TODAY + timedelta(days=10)
    do(rooms, handlers.start, reference(1), day)
    do(rooms, handlers.start, reference(1), day + timedelta(days=1))
    do(rooms, handlers.pause, reference(1), day + timedelta(days=2), "health")
    do(rooms, handlers.resume, reference(1), day + timedelta(days=5))
    do(rooms, handlers.end, reference(1), day + timedelta(days=9), "planned")
    assert rooms.told(since=16) == ["started 1", "started 1", "paused 1", "resumed 1", "ended 1", "placed 16"]
    assert rooms.person(1).starts_on == date(2026, 12, 4)


def test_more_capacity_serves_those_who_wait_and_less_turns_nobody_out(rooms):
    rooms.tell(*(rooms.accepted(n) for n in range(1, 21)))
    change(rooms, capacity=17)
    assert rooms.told(since=20) == ["placed 16", "placed 17"]
    change(rooms, capacity=10)
    group = rooms.group()
    assert (group.capacity, group.shrinking_to, group.placed) == (17, 10, 17)
    rooms.tell(*(rooms.withdrawn(n) for n in range(1, 9)))
    assert rooms.told(since=22) == [*(f"ended {n}" for n in range(1, 8)), "ended 8", "placed 18"]


def test_a_closed_group_gives_no_place_until_it_opens_again(rooms):
    change(rooms, is_open=False)
    rooms.tell(rooms.accepted(1))
    change(rooms)
    assert rooms.told() == ["waitlisted 1", "placed 1"]


def test_a_new_group_serves_those_who_waited_for_one(rooms):
    rooms.tell(rooms.accepted(1, language="de"))
    with rooms.context.unit() as unit:
        handlers.add_group(unit, "oseo-sitten", "sion", "de", settings(name="OSEO Sitten", capacity=8))
    assert rooms.told() == ["waitlisted 1", "placed 1"]
    assert rooms.events()[-1].group_name == "OSEO Sitten"


def test_two_groups_cannot_have_the_same_code(rooms):
    with pytest.raises(GroupExists), rooms.context.unit() as unit:
        handlers.add_group(unit, "oseo-sion", "bas-valais", "fr", settings())


def test_a_group_that_does_not_exist_cannot_be_changed(rooms):
    with pytest.raises(GroupNotFound):
        change(rooms, "oseo-nowhere")


def test_the_database_itself_refuses_more_people_than_places(rooms):
    with pytest.raises(IntegrityError), rooms.context.store.writing() as session:
        session.execute(sa.update(tables.groups).values(placed=16))
