"""Costs by quarter, and consents that are taken back."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from chassis.i18n import format_chf
from services.referral.domain import (
    ConsentNotGiven,
    CostsNotAsked,
    IllegalTransition,
    ReportCosts,
    quarter_parts,
    reportable_quarters,
)
from services.referral.forms import ConsentForm, CostsForm
from tests.unit.referral.answers import NOW, RULES, TODAY, draft, patient, seal


def accepted(**changes):
    referral = draft(**changes)
    referral.submit(NOW)
    referral.decide(RULES, seal, NOW)
    return referral


@patient
@given(st.dates(date(2017, 1, 1), date(2080, 12, 31)))
def test_only_quarters_that_have_ended_are_reported_each_once_the_newest_first(today):
    quarters = reportable_quarters(today)
    parts = [quarter_parts(quarter) for quarter in quarters]
    assert parts == sorted(set(parts), reverse=True)
    year, number = parts[0]
    assert date(year + number // 4, number % 4 * 3 + 1, 1) <= today, "the day after its end has come"
    assert (today.year, (today.month - 1) // 3 + 1) not in parts


@pytest.mark.parametrize(
    ("written", "francs"),
    [
        ("1'200.–", 1200),
        ("1200", 1200),
        ("1’200.-", 1200),
        ("1'200.--", 1200),
        ("CHF 1 200.00", 1200),
        ("Fr. 99,50", 100),
        ("12.4", 12),
        ("0", 0),
    ],
)
def test_an_amount_is_read_as_people_write_it(written, francs):
    assert CostsForm(TODAY).load({"period": "2026-Q3", "amount": written}) == ReportCosts(period="2026-Q3", chf=francs)


@patient
@given(st.integers(0, 500_000))
def test_an_amount_is_read_as_the_page_shows_it(francs):
    assert CostsForm(TODAY).load({"period": "2026-Q3", "amount": format_chf(francs)}).chf == francs


@pytest.mark.parametrize("wrong", ["-5", "1'200'000", "abc", "1.2.3", "١٢", "1e3", ""])
def test_what_is_no_amount_is_refused(wrong):
    with pytest.raises(ValidationError) as told:
        CostsForm(TODAY).load({"period": "2026-Q3", "amount": wrong})
    assert set(told.value.normalized_messages()) == {"amount"}


@pytest.mark.parametrize("period", ["2026-Q4", "2027-Q1", "2026-Q5", "2019-Q1", "last", ""])
def test_a_quarter_that_has_not_ended_or_is_long_past_is_refused(period):
    with pytest.raises(ValidationError) as told:
        CostsForm(TODAY).load({"period": period, "amount": "5"})
    assert set(told.value.normalized_messages()) == {"period"}


def test_costs_go_under_the_pseudonym_from_the_acceptance_on():
    told = accepted().report_costs("2026-Q3", 1200)
    assert (told.pseudonym, told.period, told.chf) == ("P-1", "2026-Q3", 1200)


@pytest.mark.parametrize("changes", [{"evaluation_consent": "no"}, {"agrees": "unknown"}, {"agrees": "no"}])
def test_no_costs_are_asked_of_who_is_not_evaluated(changes):
    with pytest.raises(CostsNotAsked):
        accepted(**changes).report_costs("2026-Q3", 1200)


def test_a_consent_to_the_evaluation_is_taken_back_once_and_the_referral_goes_on():
    referral = accepted()
    told = referral.withdraw_evaluation_consent()
    assert (told.purpose, referral.is_open, referral.may_report_costs) == ("evaluation", True, False)
    with pytest.raises(ConsentNotGiven):
        referral.withdraw_evaluation_consent()
    with pytest.raises(CostsNotAsked):
        referral.report_costs("2026-Q3", 1)


def test_it_may_be_taken_back_after_the_end_too():
    referral = accepted()
    referral.place("oseo-sion", "OSEO Sion", TODAY)
    referral.end(TODAY, "planned", planned=True)
    assert referral.withdraw_evaluation_consent().reference == referral.reference


def test_after_a_withdrawal_there_is_no_consent_left():
    referral = accepted()
    referral.withdraw("person_declined")
    with pytest.raises(ConsentNotGiven):
        referral.withdraw_evaluation_consent()
    with pytest.raises(IllegalTransition):
        referral.require("withdraw")


def test_which_consent_must_be_said():
    with pytest.raises(ValidationError):
        ConsentForm().load({"purpose": "everything"})
