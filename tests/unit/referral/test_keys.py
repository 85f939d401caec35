"""By which keys a person is found again, however the name is spelt."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.crypto import KeyedHash
from services.referral.store.keys import hashed_keys, hashed_likeness, hashed_words, likeness_keys, words
from tests.unit.referral.answers import AREA, patient

BORN = date(1980, 5, 4)
HASHER = KeyedHash("key")

letters = st.text(st.characters(categories=["Lu", "Ll"], max_codepoint=0x24F), min_size=2, max_size=12)
names = st.lists(letters, min_size=1, max_size=3)
days = st.dates(date(1930, 1, 1), date(2010, 1, 1))


@dataclass(frozen=True)
class Somebody:
    family_name: str
    given_name: str
    birth_date: date = BORN


def alike(one, other):
    return bool(likeness_keys(one) & likeness_keys(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Délèze", "Zoé"), ("DELEZE", "Zoe")),
        (("Müller", "Jörg"), ("Mueller", "Joerg")),
        (("Müller", "Jörg"), ("Muller", "Jorg")),
        (("Rey", "Anne-Marie"), ("Rey", "Annemarie")),
        (("Rey", "Anne-Marie"), ("Rey", "Anne Marie")),
        (("Rey", "Anne-Marie"), ("Rey-Dupont", "Anne")),
        (("Rey", "Anne"), ("Anne", "Rey")),
        (("da Silva Santos", "Maria"), ("Santos", "Maria")),
        (("O’Neill", "Cian"), ("O'Neill", "Cian")),
        (("Łukaszewski", "Paweł"), ("Lukaszewski", "Pawel")),
        (("Strauß", "Eva"), ("Strauss", "Eva")),
        (("Yıldız", "Şule"), ("Yildiz", "Sule")),
    ],
)
def test_two_spellings_of_one_person_are_alike(one, other):
    assert alike(Somebody(*one), Somebody(*other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Somebody("Rey", "Anne"), Somebody("Rey", "Anne", date(1980, 4, 5))),
        (Somebody("Rey", "Anne"), Somebody("Rey", "Zoé")),
        (Somebody("de Courten", "Maria"), Somebody("de Silva", "Maria")),
        (Somebody("Rey", "Anne"), Somebody("Roy", "Anne")),
    ],
)
def test_two_people_are_not(one, other):
    assert not alike(one, other)


def test_no_letter_is_another_one_as_a_capital():
    each = [chr(code) for code in range(0x250) if chr(code).isalpha()]
    assert [letter for letter in each if words(letter) != words(letter.upper())] == []


@patient
@given(names, names, days, st.sampled_from([" ", "-"]), st.sampled_from([str.upper, str.lower, str.title]))
def test_neither_hyphens_nor_capitals_nor_the_order_of_fields_make_a_difference(family, given, born, join, write):
    one = Somebody(" ".join(family), " ".join(given), born)
    other = Somebody(write(join.join(given)), write(join.join(family)), born)
    assert alike(one, other) or not words(one.family_name) or not words(one.given_name)


@patient
@given(names, names, days, st.integers(1, 40_000))
def test_who_was_born_on_another_day_is_never_alike(family, given, born, apart):
    one = Somebody(" ".join(family), " ".join(given), born)
    assert not alike(one, replace(one, birth_date=born + timedelta(days=apart)))


@patient
@given(names, names, days)
def test_no_stored_key_holds_anything_of_the_person_and_other_keys_make_others(family, given, born):
    one = Somebody(" ".join(family), " ".join(given), born)
    stored = hashed_keys(HASHER, one, AREA)
    assert all(len(key) == 32 and set(key) <= set("0123456789abcdef") for key in stored)
    assert stored.isdisjoint(hashed_keys(KeyedHash("another key"), one, AREA))


def test_the_names_of_two_cms_cannot_be_compared_but_the_same_person_is_found():
    one = Somebody("Délèze", "Zoé")
    here, there = hashed_keys(HASHER, one, AREA), hashed_keys(HASHER, one, "sierre")
    assert here & there == hashed_likeness(HASHER, one)
    assert hashed_words(HASHER, words("deleze"), AREA) <= here - there
