"""A draft keeps what is typed, whatever it is, and lets no window overwrite another."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.referral.domain import ChangedElsewhere, Draft, DraftAlreadySent
from services.referral.forms import SECTIONS, problems
from tests.unit.referral.answers import AREA, NOW, TODAY, patient, typed


def begun(**answers):
    return Draft.start("id-1", AREA, "account-1", NOW, answers)


def test_what_is_the_same_is_no_change():
    draft = begun(street="Rue Neuve 1")
    draft.save("contact", {"street": "Rue Neuve 1", "phone": ""}, 0, "account-2", NOW + timedelta(1))
    assert (draft.saved("contact"), draft.saved_by, draft.saved_at) == (0, "account-1", NOW)


def test_an_older_window_is_told_which_answers_differ():
    draft = begun()
    draft.save("contact", {"street": "Rue Neuve 1", "locality": "Sion"}, 0, "account-1", NOW)
    with pytest.raises(ChangedElsewhere) as told:
        draft.save("contact", {"street": "Rue Vieille 2", "locality": "Sion"}, 0, "account-1", NOW)
    assert (told.value.differing, told.value.saved) == (("street",), 1)
    assert draft.answers["street"] == "Rue Neuve 1"


def test_what_was_answered_is_not_taken_over_again():
    draft = begun(street="Rue Neuve 1", phone="")
    draft.take_over("contact", {"street": "Rue Vieille 2", "phone": "079 555 12 34"}, "account-1", NOW)
    assert (draft.answers["street"], draft.answers["phone"]) == ("Rue Neuve 1", "079 555 12 34")


def test_a_sent_draft_forgets_the_person_and_is_sent_once():
    draft = begun(family_name="Délèze")
    draft.send("ISA-2026-000001", NOW)
    assert (draft.answers, draft.saves, draft.person) == ({}, {}, None)
    for again in (lambda: draft.send("ISA-2026-000002", NOW), lambda: draft.save("contact", {"a": "b"}, 0, "x", NOW)):
        with pytest.raises(DraftAlreadySent) as told:
            again()
        assert told.value.reference == "ISA-2026-000001"


def test_a_whole_referral_has_no_problems():
    assert problems(typed(), TODAY) == {}


@patient
@given(st.sets(st.sampled_from(sorted({"family_name", "locality", "agrees", "availability", "referrer_name", "sex"}))))
def test_each_missing_answer_is_found_in_its_section(missing):
    found = problems(typed(**dict.fromkeys(missing)), TODAY)
    assert {(section, field) for section, fields in found.items() for field in fields} == {
        (section, field) for section, fields in SECTIONS.items() for field in fields if field in missing
    }


class Windows(RuleBasedStateMachine):
    """Three windows on one section: whatever they do, the store holds what somebody knowingly saved last."""

    def __init__(self):
        super().__init__()
        self.draft = begun()
        self.seen = [0, 0, 0]
        self.truth, self.told = {}, 0

    @rule(window=st.integers(0, 2), street=st.sampled_from(["a", "b", ""]), locality=st.sampled_from(["x", "y", ""]))
    def save(self, window, street, locality):
        answers = {"street": street, "locality": locality}
        try:
            self.draft.save("contact", answers, self.seen[window], f"window-{window}", NOW)
            self.truth = answers
        except ChangedElsewhere:
            self.told += 1  # both values are shown; the next saving is a decision
        self.seen[window] = self.draft.saved("contact")

    @rule(window=st.integers(0, 2))
    def look(self, window):
        self.seen[window] = self.draft.saved("contact")

    @invariant()
    def nothing_else_is_stored(self):
        assert {name: value for name, value in self.draft.answers.items() if value} == {
            name: value for name, value in self.truth.items() if value
        }


TestWindows = Windows.TestCase
