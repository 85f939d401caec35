"""Days as people in both languages write them."""

from datetime import date

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from chassis.days import read_day
from chassis.i18n import LANGUAGES

TODAY = date(2026, 11, 23)

#: ways in which one day is typed, by its parts
WAYS = (
    "{d}.{m}.{y}",
    "{d}. {m}. {y}",
    "{d:02}.{m:02}.{y}",
    "{d}/{m}/{y}",
    "{d}-{m}-{y}",
    "{d} {m} {y}",
    "{y}-{m:02}-{d:02}",
)


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.sampled_from((*WAYS, "{d:02}{m:02}{y}")))
def test_a_day_typed_in_any_of_the_usual_ways_is_that_day(day, way):
    assert read_day(way.format(d=day.day, m=day.month, y=day.year)) == day


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.sampled_from(LANGUAGES), st.sampled_from(("long", "medium")))
def test_a_day_written_out_in_either_language_is_that_day(day, language, length):
    assert read_day(format_date(day, length, locale=language)) == day


@given(st.dates(date(1926, 11, 24), TODAY))
def test_two_digits_of_a_year_are_the_last_such_year(day):
    assert read_day(f"{day.day}.{day.month}.{day:%y}", latest=TODAY) == day


@pytest.mark.parametrize("written", ["1er mars 1980", "1. März 80", "1 mars 1980", "01.03.80.", "010380"])
def test_the_rest_of_what_people_type_is_understood(written):
    assert read_day(written, latest=TODAY) == date(1980, 3, 1)


@pytest.mark.parametrize(
    "written", ["31.2.1980", "1.13.1980", "1 jui 1980", "3.80", "1980", "yesterday", "", "1.2.180"]
)
def test_what_is_no_day_or_could_be_two_is_refused(written):
    with pytest.raises(ValueError):  # noqa: PT011  # whatever the calendar says
        read_day(written)
