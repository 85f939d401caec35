"""Who hears of what, and how much."""

from datetime import date

import pytest

from contracts.evaluation import EvaluationEnrolled, EvaluationWaveDue
from contracts.placement import (
    PlacementContactChanged,
    PlacementEnded,
    PlacementOffered,
    PlacementPlaced,
    PlacementStarted,
    PlacementWaitlisted,
)
from contracts.referral import ReferralInformationNeeded, ReferralRejected, ReferralSubmitted
from contracts.vocabulary import CMS_AREAS
from services.notification.domain import (
    DEFAULT_PARTNERS,
    FACTS,
    Kind,
    News,
    Partner,
    Shows,
    failure_news,
    news_of,
    waits_for_the_area,
    who_is_told,
)
from tests.happenings import A, happened

PARTNERS = [Partner(**partner) for partner in DEFAULT_PARTNERS]


def told(kind, area="sierre", **details):
    news = news_of(happened(kind, **details), area, None)
    return {} if news is None else {notice.partner.code: notice for notice in who_is_told(news, PARTNERS)}


def test_a_fresh_installation_knows_the_five_kinds_of_partners():
    assert {partner.kind for partner in PARTNERS} == set(Kind)
    assert {partner.area for partner in PARTNERS if partner.kind is Kind.CMS} == set(CMS_AREAS)


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        (ReferralSubmitted, set()),
        (ReferralInformationNeeded, {"cms-sierre"}),
        (ReferralRejected, {"cms-sierre"}),
        (PlacementWaitlisted, {"cms-sierre", "oseo-valais"}),
        (PlacementOffered, {"cms-sierre", "oseo-valais"}),
        (PlacementPlaced, {"cms-sierre", "oseo-valais", "ville-de-sion", "sas"}),
        (PlacementStarted, {"cms-sierre"}),
        (PlacementContactChanged, {"oseo-valais"}),
        (PlacementEnded, {"cms-sierre", "oseo-valais", "ville-de-sion", "sas"}),
        (EvaluationEnrolled, {"hes-so"}),
        (EvaluationWaveDue, {"hes-so"}),
    ],
)
def test_each_is_told_of_what_it_can_act_on(kind, codes):
    assert set(told(kind)) == codes


def test_only_the_cms_that_referred_is_told():
    assert [code for code in told(PlacementPlaced, area="haut-valais") if code.startswith("cms-")] == [
        "cms-haut-valais"
    ]


def test_the_city_hears_of_its_own_region_only():
    assert "ville-de-sion" not in told(PlacementPlaced, region="bas-valais")
    assert "ville-de-sion" in told(PlacementPlaced, region="sion")


def test_a_region_known_from_the_referral_serves_where_the_event_names_none():
    city = Partner("x", "X", Kind.MUNICIPALITY, "fr", None, Shows.REFERENCE, [ReferralRejected.TYPE], region="sion")
    news = news_of(happened(ReferralRejected), "sierre", "sion")
    assert [notice.partner for notice in who_is_told(news, [city])] == [city]


def test_the_canton_is_told_without_reference_or_day():
    notice = told(PlacementPlaced)["sas"]
    assert notice.label is None
    assert notice.facts == {"group_name": "OSEO Sion"}


def test_the_evaluator_is_told_under_the_pseudonym():
    assert {told(kind)["hes-so"].label for kind in (EvaluationEnrolled, EvaluationWaveDue)} == {"P-A"}


def test_the_others_are_told_the_reference():
    notices = told(PlacementPlaced)
    assert {notices[code].label for code in ("cms-sierre", "oseo-valais", "ville-de-sion")} == {A}


def test_a_refused_consent_is_nobodys_business():
    assert told(EvaluationEnrolled, consent=False, waves=()) == {}


@pytest.mark.parametrize("kind", [PlacementEnded, PlacementWaitlisted, ReferralRejected, ReferralInformationNeeded])
def test_reasons_and_what_describes_the_person_never_enter_a_message(kind):
    told_of = news_of(happened(kind), "sierre", None).facts
    assert not {"reason", "reasons", "unknown", "planned"} & set(told_of)
    assert not {"reason", "reasons", "unknown", "pseudonym", "birth_year", "sex", "language"} & set(FACTS)


def test_days_and_positions_are_facts():
    assert news_of(happened(PlacementWaitlisted), None, None).facts == {"position": 3}
    assert news_of(happened(PlacementStarted, on=date(2026, 12, 1)), None, None).facts == {"on": "2026-12-01"}


def test_news_waits_while_a_cms_is_to_be_told_and_not_known():
    placed = news_of(happened(PlacementPlaced), None, None)
    assert waits_for_the_area(placed, PARTNERS)
    assert not waits_for_the_area(news_of(happened(PlacementPlaced), "sierre", None), PARTNERS)
    assert not waits_for_the_area(news_of(happened(EvaluationWaveDue), None, None), PARTNERS)


def test_a_failure_is_told_to_the_cms_of_the_referral():
    host = next(partner for partner in PARTNERS if partner.kind is Kind.HOST)
    news = failure_news(News("placement.placed.v1", A, "sierre", "sion"), host)
    (notice,) = who_is_told(news, PARTNERS)
    assert (notice.partner.code, notice.label, notice.facts) == ("cms-sierre", A, {"partner": "OSEO Valais"})


def test_what_a_partner_is_told_of_can_be_changed():
    partner = Partner("oseo-valais", "OSEO", Kind.HOST, "fr", None, Shows.REFERENCE, [PlacementStarted.TYPE])
    assert who_is_told(news_of(happened(PlacementPlaced), "sierre", None), [partner]) == []
    assert len(who_is_told(news_of(happened(PlacementStarted), "sierre", None), [partner])) == 1
