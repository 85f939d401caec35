"""A participant's way through the evaluation."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evaluation.domain import (
    IllegalTransition,
    State,
    WaveNotOpen,
    WaveState,
    enrol,
    refuse,
    tombstone,
)

TODAY = date(2026, 11, 23)
FIRST_DAY = date(2026, 12, 1)


def someone(starts_on=FIRST_DAY, today=TODAY):
    return enrol(
        id="p1",
        reference="ISA-2026-000123",
        pseudonym="K7Q2",
        birth_year=1980,
        sex="f",
        region="sion",
        language="fr",
        starts_on=starts_on,
        today=today,
    )


def days(participation):
    return {wave.code: wave.due_on for wave in participation.waves}


def states(participation):
    return {wave.code: str(wave.state) for wave in participation.waves}


def test_before_the_first_day_is_known_only_t0_is_planned():
    assert days(someone(starts_on=None)) == {"t0": TODAY}


def test_an_enrolment_tells_its_waves_and_only_the_pseudonym():
    event = someone().enrolled()
    assert event.waves == ("t0", "m3", "m6", "m12")
    assert set(event.to_data()) == {"reference", "pseudonym", "consent", "waves"}


def test_waves_are_counted_from_the_first_day():
    assert days(someone()) == {
        "t0": TODAY,
        "m3": date(2027, 3, 1),
        "m6": date(2027, 6, 1),
        "m12": date(2027, 12, 1),
    }


def test_the_real_first_day_moves_the_waves_that_are_still_open():
    participation = someone()
    participation.announce(TODAY)
    participation.complete("t0", TODAY)
    participation.start(date(2026, 12, 8), TODAY)
    assert participation.state is State.ACTIVE
    assert days(participation)["m3"] == date(2027, 3, 8)
    assert states(participation)["t0"] == "completed"


def test_a_completed_wave_keeps_its_day_when_the_first_day_is_put_right():
    participation = someone()
    participation.start(FIRST_DAY, TODAY)
    participation.announce(date(2027, 3, 1))
    participation.complete("m3", date(2027, 3, 2))
    participation.start(date(2026, 12, 15), date(2027, 3, 3))
    assert days(participation)["m3"] == date(2027, 3, 1)
    assert days(participation)["m6"] == date(2027, 6, 15)


def test_an_expected_first_day_does_not_replace_the_real_one():
    participation = someone(starts_on=None)
    participation.start(FIRST_DAY, FIRST_DAY)
    participation.expect(date(2027, 1, 15), FIRST_DAY)
    assert participation.first_day == FIRST_DAY


def test_each_wave_is_told_once():
    participation = someone()
    assert [event.wave for event in participation.announce(TODAY)] == ["t0"]
    assert participation.announce(TODAY) == []
    told = participation.announce(date(2027, 6, 1))
    assert [(event.wave, event.due_on) for event in told] == [
        ("m3", date(2027, 3, 1)),
        ("m6", date(2027, 6, 1)),
    ]


def test_each_year_plans_the_next():
    participation = someone()
    participation.start(FIRST_DAY, FIRST_DAY)
    for years, code in ((1, "m12"), (2, "y2"), (3, "y3")):
        told = participation.announce(FIRST_DAY.replace(year=2026 + years))
        assert [event.wave for event in told][-1] == code
    assert days(participation)["y4"] == date(2030, 12, 1)
    assert "y5" not in days(participation)


def test_an_end_stops_what_no_longer_applies_and_asks_at_the_exit():
    participation = someone()
    participation.start(FIRST_DAY, FIRST_DAY)
    participation.announce(date(2027, 3, 1))
    participation.end(date(2027, 4, 30), "found_work")
    assert states(participation) == {
        "t0": "stopped",
        "m3": "due",
        "m6": "stopped",
        "m12": "stopped",
        "exit": "planned",
    }
    told = participation.announce(date(2027, 4, 30))
    assert [(event.wave, event.due_on) for event in told] == [("exit", date(2027, 4, 30))]


def test_who_never_came_is_not_asked_at_the_exit():
    participation = someone()
    participation.end(TODAY, "declined")
    assert participation.state is State.ENDED
    assert set(states(participation).values()) == {"stopped"}


@pytest.mark.parametrize("reason", ["withdrawn", "entered_in_error"])
def test_an_end_that_undoes_the_referral_asks_nothing_more(reason):
    participation = someone()
    participation.start(FIRST_DAY, FIRST_DAY)
    participation.end(date(2027, 4, 30), reason)
    assert participation.state is State.WITHDRAWN
    assert set(states(participation).values()) == {"stopped"}
    assert participation.announce(date(2030, 1, 1)) == []


def test_a_withdrawal_after_the_end_stops_the_exit_wave_too():
    participation = someone()
    participation.start(FIRST_DAY, FIRST_DAY)
    participation.end(date(2027, 4, 30), "health")
    participation.withdraw()
    assert states(participation)["exit"] == "stopped"


def test_a_first_day_put_right_after_the_end_opens_nothing_again():
    participation = someone()
    participation.start(FIRST_DAY, FIRST_DAY)
    participation.end(date(2027, 4, 30), "planned")
    participation.start(date(2027, 2, 15), date(2027, 5, 2))
    assert participation.state is State.ENDED
    assert states(participation)["m3"] == "stopped"
    assert "y2" not in states(participation)


def test_a_pause_is_noted_and_moves_no_wave():
    participation = someone()
    participation.start(FIRST_DAY, FIRST_DAY)
    before = days(participation)
    participation.pause(date(2027, 1, 4))
    participation.pause(date(2027, 1, 4))
    assert participation.state is State.PAUSED
    participation.resume(date(2027, 1, 18))
    assert participation.state is State.ACTIVE
    assert [(p.from_on, p.until_on) for p in participation.pauses] == [(date(2027, 1, 4), date(2027, 1, 18))]
    assert days(participation) == before


def test_nobody_comes_back_from_an_end():
    participation = someone()
    participation.start(FIRST_DAY, FIRST_DAY)
    participation.end(date(2027, 4, 30), "planned")
    with pytest.raises(IllegalTransition):
        participation.resume(date(2027, 5, 1))


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.ERASED])
def test_what_comes_late_opens_no_tombstone(state):
    gone = tombstone("p1", "ISA-2026-000123", state)
    gone.expect(FIRST_DAY, TODAY)
    gone.start(FIRST_DAY, TODAY)
    gone.pause(TODAY)
    gone.resume(TODAY)
    gone.end(TODAY, "planned")
    gone.withdraw()
    assert (gone.state, gone.waves, gone.first_day) == (state, [], None)


def test_a_refusal_keeps_nothing_but_the_region():
    refusal = refuse(id="p1", reference="ISA-2026-000123", region="sion")
    refusal.start(FIRST_DAY, TODAY)
    refusal.withdraw()
    assert refusal.state is State.REFUSED
    assert (refusal.pseudonym, refusal.birth_year, refusal.sex, refusal.waves) == (None, None, None, [])


def test_an_erasure_leaves_only_the_reference():
    participation = someone()
    participation.start(FIRST_DAY, FIRST_DAY)
    participation.erase()
    kept = {name for name, value in vars(participation).items() if value and not name.startswith("_")}
    assert kept == {"id", "reference", "state"}


def test_a_wave_that_was_never_planned_is_not_completed():
    with pytest.raises(WaveNotOpen):
        someone().complete("y9", TODAY)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("start"), st.integers(0, 60)),
        st.tuples(st.just("announce"), st.integers(0, 1500)),
        st.tuples(st.just("complete"), st.sampled_from(["t0", "m3", "m6", "m12", "y2", "exit"])),
        st.tuples(st.just("end"), st.sampled_from(["planned", "health", "withdrawn"])),
        st.tuples(st.just("withdraw"), st.none()),
        st.tuples(st.just("leave"), st.none()),
    ),
    max_size=12,
)


@given(STEPS)
def test_whatever_happens_no_wave_is_told_twice_and_no_answer_is_lost(steps):
    participation, today, told, answered = someone(), TODAY, [], {}
    for step, given_value in steps:
        if step == "start":
            participation.start(TODAY + timedelta(days=given_value), today)
        elif step == "announce":
            today = max(today, TODAY + timedelta(days=given_value))
            told += [event.wave for event in participation.announce(today)]
        elif step == "end":
            participation.end(today, given_value)
        elif step == "withdraw":
            participation.withdraw()
        elif step == "leave":
            participation.leave()
        else:
            wave = participation.wave(given_value)
            if wave and wave.state is WaveState.DUE:
                participation.complete(given_value, today)
                answered[given_value] = today
    assert len(told) == len(set(told))
    assert {w.code: w.completed_on for w in participation.waves if w.completed_on} == answered
    assert len({w.code for w in participation.waves}) == len(participation.waves)
    if participation.closed:
        assert not any(wave.open for wave in participation.waves)
