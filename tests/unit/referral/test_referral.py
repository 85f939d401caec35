"""What may become of a referral: the named transitions, and nothing beside them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.referral.domain import (
    CLOSED,
    TRANSITIONS,
    WITHDRAWAL_REASONS,
    IllegalTransition,
    State,
    UnknownWithdrawalReason,
    assess,
    queue_key,
)
from tests.unit.referral.answers import NOW, RULES, TODAY, application, draft, patient, person, seal

ALL_MET = assess(application(), "sion", TODAY, RULES)
DAY = date(2026, 12, 1)

#: one way to make each transition
MAKE = {
    "submit": lambda r: r.submit(NOW),
    "correct": lambda r: r.correct(person(), application(), "account-2", NOW),
    "accept": lambda r: r.accept(ALL_MET, seal, NOW),
    "ask": lambda r: r.ask(ALL_MET),
    "reject": lambda r: r.reject(ALL_MET),
    "waitlist": lambda r: r.waitlist("oseo-sion", 3, "group_full"),
    "offer": lambda r: r.offer("oseo-sion", NOW),
    "release_offer": lambda r: r.release_offer(),
    "place": lambda r: r.place("oseo-sion", "OSEO Sion", DAY),
    "start": lambda r: r.start("oseo-sion", DAY),
    "correct_start": lambda r: r.correct_start("oseo-sion", DAY),
    "pause": lambda r: r.pause(DAY, "health"),
    "resume": lambda r: r.resume(),
    "end": lambda r: r.end(DAY, "found_work", planned=False),
    "withdraw": lambda r: r.withdraw("health"),
    "mark_entered_in_error": lambda r: r.withdraw("entered_in_error"),
}


def accepted(**changes):
    referral = draft(**changes)
    referral.submit(NOW)
    referral.decide(RULES, seal, NOW)
    return referral


def test_each_transition_of_the_table_can_be_made():
    assert set(MAKE) == set(TRANSITIONS)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("transition", TRANSITIONS)
def test_only_what_the_table_allows_can_be_done(state, transition):
    referral = draft()
    referral.state = state
    if state in TRANSITIONS[transition].sources:
        MAKE[transition](referral)
        assert referral.state is TRANSITIONS[transition].target
    else:
        with pytest.raises(IllegalTransition) as refused:
            MAKE[transition](referral)
        assert (refused.value.transition, refused.value.state) == (transition, state)
        assert referral.state is state


@patient
@given(st.lists(st.sampled_from(sorted(MAKE)), max_size=30))
def test_whatever_is_tried_the_state_follows_the_table(attempts):
    referral = draft()
    for attempt in attempts:
        before = referral.state
        try:
            MAKE[attempt](referral)
        except IllegalTransition:
            assert referral.state is before
        else:
            assert before in TRANSITIONS[attempt].sources


@patient
@given(st.lists(st.sampled_from(sorted(MAKE)), max_size=30))
def test_nothing_is_rejected_after_it_was_accepted(attempts):
    referral, was_accepted = draft(), False
    for attempt in attempts:
        try:
            MAKE[attempt](referral)
        except IllegalTransition:
            continue
        was_accepted = was_accepted or referral.state is State.ACCEPTED
        assert not (was_accepted and referral.state is State.INELIGIBLE)


def test_from_what_is_over_no_way_leads_back():
    over = CLOSED - {State.INELIGIBLE}
    assert not [name for name, transition in TRANSITIONS.items() if transition.sources & over]


def test_a_submission_tells_region_language_and_cms():
    event = draft().submit(NOW)
    assert (event.region, event.language, event.cms_area) == ("sion", "fr", "sion-herens-conthey")


def test_the_eligible_are_accepted_with_their_contact_sealed():
    referral = draft()
    referral.submit(NOW)
    event = referral.decide(RULES, seal, NOW)
    assert referral.state is State.ACCEPTED
    assert event.contact.startswith("sealed")
    assert "urgency_reason" in event.contact
    assert (event.pseudonym, event.birth_year, event.urgency, event.urgency_reason) == ("P-1", 1980, "high", None)


def test_the_assessment_does_not_leave_with_the_contact():
    contact = application().contact()
    assert not [name for name in contact if name.startswith(("employment", "benefit", "referrer", "avs", "birth"))]


def test_a_criterion_not_met_outweighs_one_unknown():
    referral = draft(social_assistance="unknown", agrees="no")
    referral.submit(NOW)
    event = referral.decide(RULES, seal, NOW)
    assert referral.state is State.INELIGIBLE
    assert event.reasons == referral.obstacles == ("agrees",)


def test_what_is_unknown_is_asked_for():
    referral = draft(social_assistance="unknown", benefit_expected="unknown")
    referral.submit(NOW)
    event = referral.decide(RULES, seal, NOW)
    assert referral.state is State.INFORMATION_NEEDED
    assert event.unknown == ("social_assistance", "benefit_expected")


def test_age_is_that_of_the_day_of_submission_however_late_it_is_decided():
    referral = draft(birth_date="1961-11-24")  # 65 the day after
    referral.submit(NOW)
    assert referral.decide(RULES, seal, NOW).TYPE == "referral.accepted.v1"
    late = draft(birth_date="1961-11-24")
    late.submit(NOW + timedelta(hours=14))  # 23:00 in UTC is the next day in Switzerland
    assert late.decide(RULES, seal, NOW).TYPE == "referral.rejected.v1"


def test_a_correction_keeps_reference_and_cms_and_forgets_the_old_decision():
    referral = draft(agrees="no")
    referral.submit(NOW)
    referral.decide(RULES, seal, NOW)
    referral.correct(person("other", "P-2"), application(cms_area="sierre"), "account-2", NOW)
    assert (referral.state, referral.assessment) == (State.SUBMITTED, None)
    assert referral.cms_area == referral.application.cms_area == "sion-herens-conthey"
    assert (referral.person, referral.pseudonym, referral.submitted_by) == ("other", "P-2", "account-2")


@pytest.mark.parametrize("reason", WITHDRAWAL_REASONS)
def test_every_withdrawal_has_a_reason_that_is_told(reason):
    referral = accepted()
    assert referral.withdraw(reason).reason == reason
    expected = State.ENTERED_IN_ERROR if reason == "entered_in_error" else State.WITHDRAWN
    assert referral.state is expected
    assert referral.is_withdrawn
    assert not referral.is_open


def test_a_withdrawal_for_a_reason_of_ones_own_is_refused():
    referral = accepted()
    with pytest.raises(UnknownWithdrawalReason):
        referral.withdraw("because")
    assert referral.state is State.ACCEPTED


def test_the_place_is_known_from_offer_to_end():
    referral = accepted()
    referral.waitlist("oseo-sion", 2, "group_full")
    assert (referral.placement.position, referral.placement.group) == (2, "oseo-sion")
    referral.offer("oseo-sion", NOW)
    assert (referral.placement.position, referral.placement.until) == (None, NOW)
    referral.place("oseo-sion", "OSEO Sion", None)
    referral.start("oseo-sion", DAY)
    assert (referral.placement.group_name, referral.placement.starts_on) == ("OSEO Sion", DAY)
    referral.pause(DAY, "health")
    referral.resume()
    assert (referral.placement.paused_on, referral.placement.reason) == (None, None)
    referral.end(DAY, "planned", planned=True)
    assert (referral.placement.ended_on, referral.placement.planned) == (DAY, True)


def test_a_first_day_put_right_during_a_pause_changes_the_day_alone():
    referral = accepted()
    referral.place("oseo-sion", "OSEO Sion", None)
    referral.start("oseo-sion", DAY)
    referral.pause(DAY, "health")
    referral.correct_start("oseo-sion", DAY - timedelta(days=1))
    assert referral.state is State.PAUSED
    assert (referral.placement.starts_on, referral.placement.paused_on) == (DAY - timedelta(days=1), DAY)


def test_who_waits_stands_in_the_list_of_their_region_and_language_until_called():
    referral = accepted()
    referral.waitlist("oseo-sion", 2, "group_full")
    assert (referral.queue, referral.queue_key) == ("sion/fr", "0-20261123090000000000-ISA-2026-000001")
    referral.waitlist("oseo-sion", 2, "offer_not_taken")
    assert referral.queue is None, "who is passed over stands before nobody"
    referral.waitlist("oseo-sion", 2, "group_full")
    referral.offer("oseo-sion", NOW)
    assert (referral.queue, referral.queue_key) == (None, None)


moments = st.integers(0, 10**15).map(lambda us: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=us))
waiting = st.lists(st.tuples(st.sampled_from(["high", "normal"]), moments, st.integers(1, 999_999)), max_size=20)


@patient
@given(waiting)
def test_the_key_orders_by_urgency_then_acceptance_then_reference(people):
    drafts = {urgency: draft(urgency=urgency) for urgency in ("high", "normal")}

    def key(urgency, accepted_at, number):
        referral = drafts[urgency]
        referral.accepted_at, referral.reference = accepted_at, f"ISA-2026-{number:06d}"
        return queue_key(referral)

    assert sorted(people, key=lambda each: key(*each)) == sorted(people, key=lambda p: (p[0] != "high", p[1], p[2]))
