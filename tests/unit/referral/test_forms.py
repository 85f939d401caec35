"""What may be typed, how it is read, and what is said when it can't be."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from services.referral.domain import Answer
from services.referral.forms import ReferralForm, WithdrawalForm, as_typed
from tests.unit.referral.answers import TODAY, application, command, patient, sample, typed


def wrong(**changes):
    with pytest.raises(ValidationError) as refused:
        ReferralForm(TODAY).load(typed(**changes))
    return refused.value.normalized_messages()


def test_a_complete_form_is_read_into_a_command():
    read = command()
    assert read.avs_number == "756.1234.5678.97"
    answers = read.application
    assert (answers.commune_bfs, answers.birth_date) == (6265, date(1980, 5, 4))
    assert (answers.social_assistance, answers.evaluation_consent) == (Answer.YES, True)
    assert answers.interests == ("cooking", "music")


@pytest.mark.parametrize(
    "written",
    [
        "7561234567897",
        " 756 1234 5678 97 ",
        "756-1234-5678-97",
        "756·1234·5678·97",
        "７５６.1234.5678.97",
        "AVS 756.1234.5678.97",
    ],
)
def test_an_avs_number_is_read_however_it_is_spaced(written):
    assert command(avs_number=written).avs_number == "756.1234.5678.97"


@pytest.mark.parametrize(
    "number",
    [
        "756.1234.5678.98",  # wrong check digit
        "755.1234.5678.97",  # not Swiss
        "756.1234.5678.9",
        "756.1234.5678.977",
        "abc",
    ],
)
def test_an_avs_number_that_does_not_check_is_refused(number):
    assert list(wrong(avs_number=number)) == ["avs_number"]


@patient
@given(st.integers(0, 9), st.integers(0, 12))
def test_one_wrong_digit_in_an_avs_number_is_always_noticed(digit, place):
    digits = list("7561234567897")
    if digits[place] != str(digit):
        digits[place] = str(digit)
        assert list(wrong(avs_number="".join(digits))) == ["avs_number"]


@pytest.mark.parametrize("written", ["4.5.1980", "04.05.1980", "4/5/80", "4 mai 1980", "1980-05-04"])
def test_a_date_is_read_as_people_and_programs_write_it(written):
    assert application(birth_date=written).birth_date == date(1980, 5, 4)


@pytest.mark.parametrize("written", ["31.2.1980", "1980-13-01", "4.1980", "yesterday"])
def test_a_date_that_does_not_exist_is_refused(written):
    assert list(wrong(birth_date=written)) == ["birth_date"]


def test_nobody_is_born_in_the_future_or_before_1900():
    assert wrong(birth_date="24.11.2026") == {"birth_date": ["The date of birth is in the future."]}
    assert list(wrong(birth_date="31.12.1899")) == ["birth_date"]
    assert application(birth_date="23.11.2026").birth_date == TODAY


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("079 555 12 34", "+41 79 555 12 34"),
        ("+41795551234", "+41 79 555 12 34"),
        ("0041 27 606 48 50", "+41 27 606 48 50"),
        ("027/606.48.50", "+41 27 606 48 50"),
        ("+41 (0)27 606 48 50", "+41 27 606 48 50"),
        ("0033 6 12 34 56 78", "+33 6 12 34 56 78"),
        ("+33 6 12 34 56 78", "+33 6 12 34 56 78"),
    ],
)
def test_a_telephone_number_is_swiss_unless_it_says_otherwise(written, read):
    assert application(phone=written).phone == read


@pytest.mark.parametrize("number", ["12", "079 555 12 345", "zero seven nine"])
def test_a_telephone_number_that_cannot_exist_is_refused(number):
    assert list(wrong(phone=number)) == ["phone"]


@pytest.mark.parametrize("address", ["a@b", "a b@c.ch", "nobody", "a@b.ch\nBcc: c@d.ch"])
def test_an_address_that_is_none_is_refused(address):
    assert list(wrong(email=address)) == ["email"]


@pytest.mark.parametrize("number", ["1", "6001", "261", "6265.0", "-6265", "99999999999999999999", True, 6265.0])
def test_a_commune_outside_the_canton_is_refused(number):
    assert list(wrong(commune_bfs=number)) == ["commune_bfs"]


def test_a_commune_may_be_sent_as_a_number():
    assert application(commune_bfs=6265).commune_bfs == 6265


@pytest.mark.parametrize("written", ["1965", "CH-1965", "ch 1965"])
def test_a_postal_code_may_name_the_country(written):
    assert application(postal_code=written).postal_code == "1965"


def test_who_has_no_fixed_address_can_be_referred():
    assert application(street="").contact()["street"] is None


@pytest.mark.parametrize("empty", ["", "   ", None])
def test_an_empty_optional_is_absent(empty):
    answers = application(phone=empty, email=empty, constraints=empty, referrer_email=empty, interests=[])
    assert (answers.phone, answers.email, answers.constraints, answers.referrer_email) == (None,) * 4
    assert answers.interests == ()


@pytest.mark.parametrize("name", [name for name, field in ReferralForm(TODAY).fields.items() if field.required])
def test_a_missing_answer_is_asked_for_in_a_sentence(name):
    messages = wrong(**{name: ""})
    assert list(messages) == [name]
    assert messages[name][0].startswith(("Enter", "Choose"))


def test_a_yes_needs_its_reason_and_other_answers_need_none():
    assert list(wrong(employment_reason="", benefit_reason=" ")) == ["employment_reason", "benefit_reason"]
    answers = application(
        employment_unrealistic="no", employment_reason="", benefit_expected="unknown", benefit_reason=""
    )
    assert (answers.employment_reason, answers.benefit_reason) == (None, None)


def test_high_urgency_needs_a_reason():
    assert list(wrong(urgency="high", urgency_reason="")) == ["urgency_reason"]
    assert application(urgency="", urgency_reason="").urgency == "normal"


def test_all_that_is_wrong_is_said_at_once():
    messages = wrong(avs_number="1", birth_date="24.11.2026", urgency_reason="", family_name="", shoe_size="44")
    assert set(messages) == {"avs_number", "birth_date", "urgency_reason", "family_name", "shoe_size"}


@pytest.mark.parametrize("interests", ["music", ["chess"], [["music"]], [None]])
def test_interests_are_a_list_of_those_known(interests):
    assert list(wrong(interests=interests)) == ["interests"]


@pytest.mark.parametrize("value", [1, 1.5, True, ["x"], {"a": "b"}])
@pytest.mark.parametrize("name", ["family_name", "avs_number", "birth_date", "agrees", "constraints", "email"])
def test_what_is_no_text_is_refused_where_text_belongs(name, value):
    assert list(wrong(**{name: value})) == [name]


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "a\x1bb", "a\u2028b"])
@pytest.mark.parametrize("name", ["family_name", "constraints"])
def test_characters_that_nobody_types_are_refused(name, text):
    assert wrong(**{name: text}) == {name: ["Remove the invisible characters."]}


def test_too_much_text_is_refused():
    assert list(wrong(family_name="x" * 101, constraints="x" * 2001)) == ["family_name", "constraints"]


def test_words_on_one_line_lose_their_line_ends_and_reasons_keep_them():
    answers = application(family_name="de  la\tTour", constraints="one\n\ntwo")
    assert (answers.family_name, answers.constraints) == ("de la Tour", "one\n\ntwo")


@pytest.mark.parametrize("sent", [[], "text", 1, None])
def test_what_is_no_object_is_refused_as_a_whole(sent):
    with pytest.raises(ValidationError) as refused:
        ReferralForm(TODAY).load(sent)
    assert list(refused.value.normalized_messages()) == ["_schema"]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@patient
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(typed(), anything)))
def test_whatever_is_sent_it_is_read_or_refused_field_by_field(sent):
    wrong = ReferralForm(TODAY).validate(typed() | sent)
    assert set(wrong) <= set(ReferralForm.order())
    assert wrong or ReferralForm(TODAY).load(typed() | sent)


def test_a_correction_begins_with_what_was_typed():
    read = command()
    again = ReferralForm(TODAY).load(as_typed(read.application, read.avs_number))
    assert again == read


def test_the_sample_file_is_read_but_for_its_invalid_rows():
    for row, expected, because in sample():
        if expected == "invalid":
            with pytest.raises(ValidationError) as refused:
                ReferralForm(TODAY).load(row)
            assert list(refused.value.normalized_messages()) == [because]
        else:
            ReferralForm(TODAY).load(row)


def test_a_withdrawal_takes_a_reason_of_the_list_or_words():
    assert WithdrawalForm().load({"reason": "health"}).reason == "health"
    own = WithdrawalForm().load({"reason": "Found another solution", "note": "See the file"})
    assert (own.reason, own.note) == ("other", "Found another solution\nSee the file")
    with pytest.raises(ValidationError):
        WithdrawalForm().load({"reason": " "})
