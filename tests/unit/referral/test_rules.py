"""Changing the rules: what a proposal would change is what would happen, and trying it changes nothing."""

from copy import deepcopy
from dataclasses import fields
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.vocabulary import REGIONS
from services.referral.domain import (
    CRITERIA,
    WAIVABLE,
    Outcome,
    Referral,
    Rules,
    State,
    assess,
    assess_again,
    local_day,
)
from services.referral.domain.rules import (
    Decision,
    Proposal,
    ProposalSettled,
    ProposeRules,
    RulesDayTaken,
    next_version,
    try_out,
)
from tests.unit.referral.answers import NOW, RULES, TODAY, application, patient, person, seal

answer = st.sampled_from(["yes", "no", "unknown"])
applications = st.builds(
    application,
    birth_date=st.dates(date(1940, 1, 1), TODAY).map(date.isoformat),
    commune_bfs=st.sampled_from(["6265", "6136", "6248", "6297"]),
    social_assistance=answer,
    employment_unrealistic=answer,
    benefit_expected=answer,
    other_measure=answer,
    agrees=answer,
)
some_rules = st.builds(
    Rules,
    version=st.just("new"),
    valid_from=st.just(TODAY),
    minimum_age=st.integers(0, 30),
    reference_age=st.integers(31, 90),
    open_regions=st.lists(st.sampled_from(REGIONS), unique=True).map(tuple),
    waived=st.lists(st.sampled_from(WAIVABLE), unique=True).map(tuple),
)
#: what the aggregate becomes by each outcome
STATES = {
    Outcome.ELIGIBLE: State.ACCEPTED,
    Outcome.INFORMATION_NEEDED: State.INFORMATION_NEEDED,
    Outcome.INELIGIBLE: State.INELIGIBLE,
}


def submitted(number, application, days_ago):
    referral = Referral.draft(f"id-{number}", f"ISA-2026-{number:06d}", person(), application, "account-1", NOW)
    referral.submit(NOW - timedelta(days=days_ago))
    return referral


def decision_on(referral, rules=None):
    """As the store tells it: with the answers only where a criterion counts by `rules` that did not before."""
    return Decision(
        reference=referral.reference,
        cms_area=referral.cms_area,
        region=referral.region,
        on=local_day(referral.submitted_at),
        assessment=referral.assessment,
        application=None if rules and referral.assessment.holds(rules) else referral.application,
    )


@patient
@given(st.lists(st.tuples(applications, st.integers(0, 364)), min_size=1, max_size=6), some_rules, some_rules)
def test_a_dry_run_equals_what_deciding_again_comes_to(cases, those, rules):
    decisions, really = [], {}
    for number, (answers, days_ago) in enumerate(cases):
        first, again = (submitted(number, answers, days_ago) for _ in range(2))
        first.decide(those, seal, NOW)
        again.decide(rules, seal, NOW)
        decisions.append(decision_on(first, rules))
        if again.state is not first.state:
            really[first.reference] = again.state
    tried = try_out(rules, decisions)
    assert tried.looked_at == len(cases)
    assert {change.reference: STATES[change.after] for change in tried.changes} == really


@patient
@given(applications, st.sampled_from([*REGIONS, None]), some_rules, some_rules)
def test_without_the_answers_it_comes_out_as_with_them(answers, region, those, rules):
    before, with_answers = assess(answers, region, TODAY, those), assess(answers, region, TODAY, rules)
    if before.holds(rules):
        assert assess_again(before, region, rules) == with_answers
    else:
        assert set(those.waived) - set(rules.waived)


@patient
@given(st.lists(applications, min_size=1, max_size=6), some_rules)
def test_a_dry_run_changes_nothing_and_each_change_is_told_in_one_place(answers, rules):
    referrals = [submitted(number, each, 0) for number, each in enumerate(answers)]
    for referral in referrals:
        referral.decide(RULES, seal, NOW)
    before = deepcopy([_said(referral) for referral in referrals])
    tried = try_out(rules, [decision_on(referral, rules) for referral in referrals])
    assert [_said(referral) for referral in referrals] == before
    parts = (tried.newly_eligible, tried.no_longer_eligible, tried.other)
    assert sorted(c.reference for part in parts for c in part) == sorted(c.reference for c in tried.changes)
    assert all(change.criteria for change in tried.changes), "each change has its cause"


def _said(referral):
    return {field.name: getattr(referral, field.name) for field in fields(referral)}


def test_the_rules_in_force_tried_out_change_nothing():
    referral = submitted(1, application(), 0)
    referral.decide(RULES, seal, NOW)
    assert try_out(RULES, [decision_on(referral)]).changes == []


def test_a_criterion_that_is_waived_is_neither_asked_nor_shown():
    rules = Rules("new", TODAY, 18, 65, ("sion",), ("social_assistance",))
    assessed = assess(application(social_assistance="no"), "sion", TODAY, rules)
    assert assessed.outcome is Outcome.ELIGIBLE
    assert [each.code for each in assessed.criteria] == [code for code in CRITERIA if code != "social_assistance"]


def proposal():
    command = ProposeRules(minimum_age=18, reference_age=65, open_regions=("sion",), waived=(), note="Why")
    return Proposal.make("id-1", command, "account-9", NOW)


def test_a_proposal_is_settled_once():
    adopted = proposal()
    assert adopted.adopt("2026-1", TODAY, TODAY).version == adopted.became == "2026-1"
    with pytest.raises(ProposalSettled):
        adopted.drop()
    dropped = proposal()
    dropped.drop()
    with pytest.raises(ProposalSettled):
        dropped.adopt("2026-1", TODAY, TODAY)


def test_rules_cannot_hold_from_a_day_that_is_over():
    with pytest.raises(RulesDayTaken):
        proposal().adopt("2026-1", TODAY - timedelta(days=1), TODAY)


def test_versions_are_counted_within_their_year():
    assert next_version(2026, []) == "2026-1"
    assert next_version(2026, ["2016-1", "2026-1", "2026-9", "2026-10"]) == "2026-11"
