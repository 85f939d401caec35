"""Every code has words in both languages."""

import re
from dataclasses import replace
from functools import partial

import pytest

from chassis.i18n import Catalogue
from contracts import CATALOGUE
from services.notification.handlers.texts import SAID
from services.referral.domain import CRITERIA, Answer, Criterion, Entry, Result, State, assess
from services.referral.forms import ReferralForm
from services.referral.queries import Waiting, wording
from services.referral.queries.wording import criteria as criteria_words
from services.referral.service import ReferralService
from tests.unit.referral.answers import NOW, RULES, TODAY, application, draft

CATALOGUE_OF_WORDS = Catalogue("services.referral")


@pytest.fixture(params=["fr", "de"])
def say(request):
    return partial(CATALOGUE_OF_WORDS.gettext, request.param)


def all_reasons():
    """Each criterion as it can come out."""
    plain = application()
    answers = [replace(plain, birth_date=plain.birth_date.replace(year=year)) for year in (1940, 1980, 2020)]
    for answer in Answer:
        names = ("social_assistance", "employment_unrealistic", "benefit_expected", "other_measure", "agrees")
        answers.append(replace(plain, **dict.fromkeys(names, answer)))
    answers.append(replace(plain, employment_reason=None, benefit_reason=None))
    for region in ("sion", "sierre", None):
        for each in answers:
            yield from assess(each, region, TODAY, RULES).criteria


def test_every_reason_has_words(say):
    said = {each.reason: wording.criterion_reason(each, say) for each in all_reasons()}
    assert set(said) == set(criteria_words._REASONS), "each reason with words can come out, and the other way round"
    english = partial(CATALOGUE_OF_WORDS.gettext, "en")
    for criterion in all_reasons():
        assert said[criterion.reason] != wording.criterion_reason(criterion, english)
        assert "%(" not in said[criterion.reason]


def test_what_is_not_met_or_unknown_comes_with_what_can_be_done(say):
    for code in CRITERIA:
        assert wording.criterion_name(code, say)
        assert wording.redress(Criterion(code, Result.NOT_MET, "x"), say)
        assert wording.redress(Criterion(code, Result.UNKNOWN, "x"), say)
        assert wording.redress(Criterion(code, Result.MET, "x"), say) is None


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_name_and_a_sentence(state, say):
    referral = draft()
    referral.state = state
    assert say(wording.STATES[state][0])
    assert wording.standing(referral, say).endswith(".")


def test_who_only_waited_took_part_in_nothing(say):
    waited, came = draft(), draft()
    for each in (waited, came):
        each.state = State.ACCEPTED
        each.waitlist("oseo-sion", 7, "group_full")
    came.place("oseo-sion", "OSEO Sion", TODAY)
    came.start("oseo-sion", TODAY)
    for each in (waited, came):
        each.end(TODAY, "moved_away", planned=False)
    said = [wording.standing(each, say) for each in (waited, came)]
    ended = {"on": TODAY.isoformat(), "reason": "moved_away"}
    for group in (None, "oseo-sion"):
        entry = Entry(id="1", referral_id="1", at=NOW, type="placement.ended.v1", data=ended | {"group": group})
        said.append(wording.words_of(entry, say))
    assert [bool(re.search("liste d’attente|Warteliste", each)) for each in said] == [True, False, True, False]


@pytest.mark.parametrize("reason", ["group_full", "group_closed", "no_group", "offer_not_taken", "something new"])
def test_why_somebody_waits_is_said_with_the_position(reason, say):
    referral = draft()
    referral.state = State.ACCEPTED
    assert wording.placement_reason(referral, None, say) is None
    referral.waitlist("oseo-sion", 7, reason)
    told = wording.placement_reason(referral, Waiting(urgent=3, earlier=8), say)
    assert all(number in re.findall(r"\d+", told) for number in ("12", "3", "8")), told
    assert " 1 " in wording.placement_reason(referral, Waiting(urgent=0, earlier=0), say)
    assert wording.placement_reason(referral, None, say)


def test_every_event_that_is_heard_has_words(say):
    from chassis.worker import subscriptions

    classes = (each.event_class for each in subscriptions(ReferralService))
    heard = {each.TYPE for each in classes if not each.TYPE.startswith("identity.")}  # of accounts, not of referrals
    for type in heard:
        assert wording.told_about(type, say) != type or type.startswith(("notification.", "identity."))
    own = {type for type in CATALOGUE if type.startswith("referral.")} - {
        "referral.erased.v1",
        "referral.erasure_announced.v1",
    }
    data = {
        "criteria": ["age"],
        "period": "2026-Q3",
        "reason": "health",
        "position": 1,
        "group": "oseo-sion",
        "until": NOW.isoformat(),
        "on": TODAY.isoformat(),
        "starts_on": TODAY.isoformat(),
        "consent": True,
        "partner": "cms-sierre",
        "channel": "email",
        "about": "placement.placed.v1",
    }
    for type in heard | own:
        said = wording.words_of(Entry(id="1", referral_id="1", at=NOW, type=type, data=data), say)
        assert said != type, type
        assert "%(" not in said


def test_there_are_words_for_all_that_a_partner_is_told_of(say):
    assert [about for about in SAID if wording.told_about(about, say) == about] == []


def test_a_code_that_nobody_told_us_of_is_shown_rather_than_failing(say):
    entry = Entry(id="1", referral_id="1", at=NOW, type="placement.dreamt.v9")
    assert wording.words_of(entry, say) == "placement.dreamt.v9"
    assert wording.partner_name("red-cross", say) == "red-cross"
    assert wording.channel_name("pigeon", say) == "pigeon"


def test_the_form_names_each_field(say):
    assert list(wording.field_labels(say)) != []
    assert set(wording.field_labels(say)) == set(ReferralForm.order())
