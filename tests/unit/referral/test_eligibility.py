"""Who may take part, and why."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.referral.domain import CRITERIA, Answer, Result, age_on, assess
from tests.unit.referral.answers import RULES, TODAY, application, patient

ELIGIBLE = application()
QUESTIONS = {
    "social_assistance": ("social_assistance", Answer.YES),
    "employment_unrealistic": ("employment_unrealistic", Answer.YES),
    "benefit_expected": ("benefit_expected", Answer.YES),
    "no_other_measure": ("other_measure", Answer.NO),
    "agrees": ("agrees", Answer.YES),
}


def results(answers=ELIGIBLE, region="sion", on=TODAY, rules=RULES):
    return {each.code: each.result for each in assess(answers, region, on, rules).criteria}


def criterion(code, answers=ELIGIBLE, region="sion", on=TODAY, rules=RULES):
    return next(each for each in assess(answers, region, on, rules).criteria if each.code == code)


def test_who_meets_all_seven_criteria_is_eligible():
    assessment = assess(ELIGIBLE, "sion", TODAY, RULES)
    assert [each.code for each in assessment.criteria] == [
        "social_assistance",
        "residence",
        "employment_unrealistic",
        "benefit_expected",
        "age",
        "no_other_measure",
        "agrees",
    ]
    assert {each.result for each in assessment.criteria} == {Result.MET}
    assert (assessment.not_met, assessment.unknown, assessment.rules_version) == ((), (), "2016-1")


@pytest.mark.parametrize("code", QUESTIONS)
def test_an_answer_is_three_valued(code):
    name, wanted = QUESTIONS[code]
    expected = {Answer.UNKNOWN: Result.UNKNOWN, wanted: Result.MET}
    for answer in Answer:
        asked = replace(ELIGIBLE, **{name: answer})
        assert results(asked)[code] is expected.get(answer, Result.NOT_MET)


@pytest.mark.parametrize(
    ("code", "reason"), [("employment_unrealistic", "employment_reason"), ("benefit_expected", "benefit_reason")]
)
@pytest.mark.parametrize("words", [None, "", "  \n"])
def test_a_judgement_without_its_reason_is_unknown(code, reason, words):
    found = criterion(code, replace(ELIGIBLE, **{reason: words}))
    assert (found.result, found.reason) == (Result.UNKNOWN, f"{code}_reason_missing")


@pytest.mark.parametrize(
    ("region", "result"),
    [
        ("sion", Result.MET),
        ("bas-valais", Result.MET),
        ("sierre", Result.NOT_MET),
        ("haut-valais", Result.NOT_MET),
        (None, Result.UNKNOWN),
    ],
)
def test_residence_is_decided_by_the_regions_with_an_open_programme(region, result):
    assert results(region=region)["residence"] is result


def test_a_region_opens_by_a_new_version_of_the_rules():
    opened = replace(RULES, version="2027-1", open_regions=("sion", "bas-valais", "sierre"))
    assert results(region="sierre", rules=opened)["residence"] is Result.MET


@pytest.mark.parametrize(
    ("born", "result", "reason"),
    [
        (date(2008, 11, 23), Result.MET, "age_within"),  # 18 today
        (date(2008, 11, 24), Result.NOT_MET, "age_too_young"),
        (date(1961, 11, 24), Result.MET, "age_within"),  # 65 tomorrow
        (date(1961, 11, 23), Result.NOT_MET, "age_too_old"),
    ],
)
def test_age_counts_from_the_birthday_on(born, result, reason):
    found = criterion("age", replace(ELIGIBLE, birth_date=born))
    assert (found.result, found.reason) == (result, reason)


def test_someone_born_on_29_february_is_older_on_1_march():
    born = date(2008, 2, 29)
    assert age_on(date(2026, 2, 28), born) == 17
    assert age_on(date(2026, 3, 1), born) == 18


def test_consent_to_the_evaluation_decides_nothing():
    assert results(replace(ELIGIBLE, evaluation_consent=False)) == results()


applications = st.builds(
    lambda **drawn: replace(ELIGIBLE, **drawn),
    **{name: st.sampled_from(Answer) for name, _ in QUESTIONS.values()},
    employment_reason=st.none() | st.text(max_size=5),
    benefit_reason=st.none() | st.text(max_size=5),
    birth_date=st.dates(date(1900, 1, 1), TODAY),
)
regions = st.sampled_from(["sion", "bas-valais", "sierre", "haut-valais", None])
rules = st.builds(
    lambda youngest, span, opened: replace(
        RULES, minimum_age=youngest, reference_age=youngest + span, open_regions=tuple(opened)
    ),
    st.integers(0, 60),
    st.integers(1, 60),
    st.sets(st.sampled_from(["sion", "bas-valais", "sierre", "haut-valais"])),
)


@patient
@given(applications, regions, rules)
def test_every_case_has_an_answer_to_each_criterion_with_its_reason(answers, region, rules):
    assessment = assess(answers, region, TODAY, rules)
    assert [each.code for each in assessment.criteria] == list(CRITERIA)
    assert all(each.reason.startswith(each.code) for each in assessment.criteria)
    assert not set(assessment.not_met) & set(assessment.unknown)


@patient
@given(applications, regions, rules)
def test_the_same_case_is_always_decided_alike(answers, region, rules):
    assert assess(answers, region, TODAY, rules) == assess(answers, region, TODAY, rules)


@patient
@given(applications, regions)
def test_finding_out_what_is_unknown_never_makes_a_met_criterion_fail(answers, region):
    before = results(answers, region)
    known = {name: wanted for name, wanted in QUESTIONS.values() if getattr(answers, name) is Answer.UNKNOWN}
    after = results(replace(answers, **known), region)
    assert all(after[code] is Result.MET for code, result in before.items() if result is Result.MET)


@patient
@given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 200))
def test_nobody_grows_younger(born, days):
    assert age_on(born + timedelta(days=days), born) <= age_on(born + timedelta(days=days + 1), born)
