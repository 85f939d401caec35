"""On which days a participant is asked."""

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evaluation.domain import (
    EARLIEST,
    Wave,
    WaveNotOpen,
    WaveState,
    WaveTooEarly,
    add_months,
    months_until,
    periodic_plan,
)

DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 12, 31))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 29)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 1, 31), 0, date(2026, 1, 31)),
    ],
)
def test_a_month_end_falls_on_the_last_day_of_a_shorter_month(day, months, expected):
    assert add_months(day, months) == expected


@given(DAYS, st.integers(0, 600))
def test_adding_months_keeps_the_day_or_takes_the_months_last(day, months):
    later = add_months(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == min(day.day, monthrange(later.year, later.month)[1])


@given(DAYS, DAYS, st.integers(0, 120))
def test_who_began_earlier_is_never_asked_later(one, other, months):
    first, second = sorted((one, other))
    assert add_months(first, months) <= add_months(second, months)


@given(DAYS, st.integers(-400, 9000))
def test_the_plan_reaches_to_the_next_wave_to_come_and_not_beyond(first_day, days_later):
    today = first_day + timedelta(days=days_later)
    plan = periodic_plan(first_day, today)
    codes, days = [code for code, _ in plan], [day for _, day in plan]
    assert codes[:3] == ["m3", "m6", "m12"]
    assert codes[3:] == [f"y{n}" for n in range(2, len(codes) - 1)]
    assert days == sorted(set(days))
    assert days[-1] > today
    assert len(days) == 3 or days[-2] <= today
    assert days == [add_months(first_day, months_until(code)) for code in codes]


def test_t0_and_the_exit_are_not_counted_from_the_first_day():
    assert months_until("t0") is None
    assert months_until("exit") is None
    assert months_until("y3") == 36


def test_a_wave_is_told_once_even_if_its_day_moves():
    wave = Wave("m3", date(2026, 3, 1))
    assert wave.come_due(date(2026, 3, 1))
    wave.reschedule(date(2026, 4, 1))
    assert wave.state is WaveState.PLANNED
    assert not wave.come_due(date(2026, 4, 1))
    assert wave.state is WaveState.DUE


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), DAYS)
def test_a_completed_wave_never_changes_again(due_on, other):
    wave = Wave("m6", due_on)
    wave.complete(due_on)
    wave.reschedule(other)
    wave.stop()
    assert (wave.state, wave.due_on, wave.completed_on) == (WaveState.COMPLETED, due_on, due_on)
    assert not wave.come_due(date.max)
    with pytest.raises(WaveNotOpen):
        wave.complete(due_on)


def test_a_wave_may_be_answered_two_weeks_early_and_no_earlier():
    wave = Wave("m6", date(2026, 6, 30))
    with pytest.raises(WaveTooEarly):
        wave.complete(wave.due_on - EARLIEST - timedelta(days=1))
    wave.complete(wave.due_on - EARLIEST)
    assert wave.state is WaveState.COMPLETED


def test_a_stopped_wave_is_not_answered():
    wave = Wave("m6", date(2026, 6, 30))
    wave.stop()
    with pytest.raises(WaveNotOpen):
        wave.complete(date(2026, 6, 30))
