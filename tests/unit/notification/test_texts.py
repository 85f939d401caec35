"""What messages say, in both languages."""

import pytest

from contracts import CATALOGUE as EVENTS
from services.notification.domain import DEFAULT_PARTNERS, Message, Partner, news_of, who_is_told
from services.notification.handlers.texts import FACT_TEXTS, SAID, compose, facts, headline, sentence
from services.notification.service import NotificationService
from tests.happenings import NOW, A, happened

PARTNERS = {str(partner["code"]): Partner(**partner) for partner in DEFAULT_PARTNERS}
PUBLIC = "https://ancrage.example"


def letter(partner, about="placement.placed.v1", label=A):
    message = Message("m1", partner.code, about, A, label, {"group_name": "OSEO Sion", "position": 3}, NOW)
    return compose("d1", message, partner, PUBLIC)


def test_there_are_words_for_all_that_a_partner_may_be_told_of():
    from chassis.worker import subscriptions

    heard = {s.event_class.TYPE for s in subscriptions(NotificationService)}
    heard -= {"referral.erased.v1", "identity.sessions_ended.v1"}  # nothing to tell anybody
    assert set(SAID) == heard | {"notification.failed.v1"}
    assert set(SAID) <= set(EVENTS)
    assert {about for partner in PARTNERS.values() for about in partner.told_of} <= set(SAID)


@pytest.mark.parametrize("about", SAID)
def test_french_and_german_say_it_in_their_own_words(about):
    for say in (headline, sentence):
        said = {language: say(about, language) for language in ("fr", "de", "en")}
        assert len(set(said.values())) == 3


def test_a_letter_to_a_cms_holds_the_reference_and_leads_to_the_referral():
    it = letter(PARTNERS["cms-sierre"])
    assert it.subject == f"Ancrage\u00a0: Place attribuée – {A}"
    assert f"{PUBLIC}/referrals/{A}" in it.body
    assert f"Numéro de référence\u00a0: {A}" in it.body


def test_a_letter_to_the_host_leads_to_the_person_and_names_nobody():
    it = letter(PARTNERS["oseo-valais"], about="placement.contact_changed.v1")
    assert it.subject == f"Ancrage\u00a0: Des coordonnées ont été corrigées – {A}"
    assert f"{PUBLIC}/placement/participants/{A}" in it.body


def test_a_letter_says_nothing_that_the_event_said():
    it = letter(PARTNERS["cms-sierre"])
    assert "OSEO" not in it.body + it.subject


def test_a_letter_is_in_the_partners_language():
    it = letter(PARTNERS["cms-haut-valais"])
    assert it.subject.startswith("Ancrage: Platz zugeteilt")
    assert it.body.startswith("Guten Tag\n")


def test_a_letter_to_the_canton_holds_no_reference():
    it = letter(PARTNERS["sas"], label=None)
    assert A not in it.subject + it.body


def test_a_letter_to_the_evaluator_leads_to_the_pseudonym():
    it = letter(PARTNERS["hes-so"], "evaluation.wave_due.v1", "P-A")
    assert f"{PUBLIC}/evaluation/participants/P-A" in it.body
    assert "Pseudonyme\u00a0: P-A" in it.body
    assert A not in it.subject + it.body


@pytest.mark.parametrize("event_class", [EVENTS[about] for about in SAID if not about.startswith("notification")])
def test_every_fact_of_a_message_can_be_shown(event_class):
    try:
        event = happened(event_class)
    except (KeyError, TypeError):
        pytest.fail(f"tests/happenings.py has no usual {event_class.TYPE}")
    news = news_of(event, "sierre", "sion")
    assert set(news.facts) <= set(FACT_TEXTS)
    assert len(facts(event_class.TYPE, news.facts, "de")) == len(news.facts)


def test_facts_are_written_as_switzerland_writes_them():
    told = {"until": "2026-11-25T08:30:00+00:00", "starts_on": "2026-12-01", "wave": "m3", "position": 3}
    assert facts("placement.offered.v1", told, "de") == [
        ("Rang auf der Warteliste", "3"),
        ("Antwort bis", "25.11.2026, 09:30"),
        ("Erster Tag", "01.12.2026"),
        ("Erhebungswelle", "3 Monate"),
    ]


@pytest.mark.parametrize(
    ("about", "title"),
    [("referral.erasure_announced.v1", "Sera effacé le"), ("placement.paused.v1", "Absence depuis le")],
)
def test_a_day_says_what_it_is_the_day_of(about, title):
    assert facts(about, {"on": "2026-12-24"}, "fr") == [(title, "24.12.2026")]


def test_no_notice_by_default_is_without_words():
    for about in (p for partner in PARTNERS.values() for p in partner.told_of if not p.startswith("notification")):
        event = happened(EVENTS[about])
        for notice in who_is_told(news_of(event, "sierre", "sion"), PARTNERS.values()):
            message = Message("m", notice.partner.code, about, A, notice.label, dict(notice.facts), NOW)
            assert compose("d", message, notice.partner, PUBLIC).body
