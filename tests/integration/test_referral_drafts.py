"""A referral is typed section by section, saved at any moment, checked and sent: without JavaScript."""

import html
import re
from dataclasses import replace

import pytest

from services.referral.store import tables
from tests.desk import Visitor, section_of, value_of
from tests.unit.referral.answers import AREA, NUMBERS, SOCIAL_WORKER, typed

AUTOSAVE = {"X-Requested-With": "autosave"}
COLLEAGUE = replace(SOCIAL_WORKER, id="account-2", name="Luc Favre")


@pytest.fixture
def house(small_house):
    return small_house


@pytest.fixture
def visitor(house):
    return Visitor(house)


def text_of(answer):
    return html.unescape(answer.text)


def test_section_by_section_a_draft_becomes_a_referral(house, visitor):
    draft = visitor.begin()
    ways = {"contact": "situation", "situation": "needs", "needs": "consent", "consent": "check"}
    for section, following in ways.items():  # who refers is known already
        answer = visitor.send(f"{draft}/{section}", section_of(section, typed()))
        assert answer.headers["Location"] == f"{draft}/{following}"
    page = visitor.open(f"{draft}/check")
    for shown in ("756.1234.5678.97", "04.05.1980", "Savièse", "Santé fragile", "Cuisine, Musique", "079 555 12 34"):
        assert shown in page
    answer = visitor.submit(draft)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/referrals/ISA-2026-000001/sent")
    page = re.sub("<[^>]+>", "", visitor.open(answer.headers["Location"]))
    assert "Numéro de référence\u00a0: ISA-2026-000001" in page


def test_a_draft_sent_twice_is_one_referral_and_leads_there_afterwards(house, visitor):
    draft = visitor.draft()
    visitor.send(f"{draft}/check", {"version": value_of(visitor.open(f"{draft}/check"), "version")})
    for path in (draft, f"{draft}/check", f"{draft}/identity"):
        assert visitor.http.get(path).headers["Location"] == "/referrals/ISA-2026-000001"
    again = visitor.send(f"{draft}/check", {"version": "1"}, page="/referrals/new")
    assert again.headers["Location"] == "/referrals/ISA-2026-000001"
    assert len(house.rows(tables.referrals)) == 1
    (row,) = house.rows(tables.drafts)
    assert (row.answers, row.person, row.sent_as) == ({}, None, "ISA-2026-000001")


def test_what_is_wrong_is_said_beside_the_field_and_kept_all_the_same(visitor):
    wrong = section_of("identity", typed(avs_number="756.1", birth_date="31.2.1980"))
    answer = visitor.send("/referrals/new", wrong)
    page = text_of(answer)
    assert answer.status_code == 422
    for name in ("avs_number", "birth_date"):
        assert f'href="#{name}"' in page
        assert f'id="{name}-error"' in page
        assert f'aria-describedby="{name}-hint {name}-error"' in page
        assert value_of(page, name) == wrong[name]
    assert page.count("Ce numéro AVS n’est pas valable.") == 2
    assert "<title>Erreur\u00a0: " in page
    drafts = visitor.open("/referrals/?show=drafts")
    assert "Délèze Zoé" in drafts
    assert "réponses manquent ou sont à corriger" in drafts


def test_the_errors_are_german_for_who_reads_german(house):
    visitor = Visitor(house, replace(SOCIAL_WORKER, language="de"))
    answer = visitor.send("/referrals/new", section_of("identity", typed(family_name="")))
    assert "Geben Sie den Nachnamen ein." in text_of(answer)


def test_one_may_leave_at_any_moment_and_a_colleague_goes_on(house, visitor):
    draft = visitor.begin()
    left = visitor.send(f"{draft}/needs", {"constraints": 'first\nsecond "quoted" <b>', "leave": "yes"})
    assert left.headers["Location"] == draft
    other = Visitor(house, COLLEAGUE)
    page = other.open(draft)
    assert "2 rubriques sur 6 sont complètes" in page
    assert page.count("À\u00a0remplir") == 3
    area = re.search(
        r'<textarea[^>]*name="constraints"[^>]*>(.*?)</textarea>', other.http.get(f"{draft}/needs").text, re.S
    )
    assert html.unescape(area[1]) == 'first\nsecond "quoted" <b>'


def test_switching_the_language_keeps_what_was_typed_and_saves_nothing(house, visitor):
    answer = visitor.send("/referrals/new", {"avs_number": "756.1", "switch_language": "de"})
    assert answer.status_code == 200
    assert "Neue Anmeldung" in answer.text
    assert value_of(answer.text, "avs_number") == "756.1"
    assert "govuk-error-summary" not in answer.text
    assert house.rows(tables.drafts) == []


def test_a_script_saves_in_between_and_is_told_when_and_where(house, visitor):
    first = visitor.send("/referrals/new", {"family_name": "Dél"}, **AUTOSAVE)
    told = first.get_json()
    assert told["said"] == "Enregistré à 10:00"
    assert re.fullmatch(r"/referrals/drafts/[0-9a-f-]{36}/identity", told["action"])
    second = visitor.send(told["action"], {"family_name": "Délèze", "birth_date": "31.2."}, **AUTOSAVE)
    assert (second.status_code, second.get_json()["fields"]) == (200, {"saved": 2})
    (row,) = house.rows(tables.drafts)
    assert (row.answers["family_name"], row.answers["birth_date"]) == ("Délèze", "31.2.")


def test_a_postal_code_fills_in_locality_and_commune_with_a_script_and_without(visitor):
    draft = visitor.begin()
    only = section_of("contact", typed(postal_code="1950", locality=None, commune_bfs=None))
    answer = visitor.send(f"{draft}/contact", only, **AUTOSAVE).get_json()
    assert answer["fields"] == {"saved": 1, "locality": "Sion", "commune_bfs": "6266"}
    assert answer["said"].endswith("Complété d’après le NPA\u00a0: Sion.")
    assert visitor.send(f"{draft}/contact", only).headers["Location"] == f"{draft}/situation"


def test_a_script_is_told_of_an_open_referral_as_soon_as_the_number_is_typed(house, visitor):
    reference = visitor.accepted(house)
    answer = visitor.send("/referrals/new", {"avs_number": typed()["avs_number"]}, **AUTOSAVE)
    assert reference in answer.get_json()["told"]
    assert "<form" not in answer.get_json()["told"], "it stands in a form"
    unknown = visitor.send("/referrals/new", {"avs_number": NUMBERS[1]}, **AUTOSAVE)
    assert unknown.get_json()["told"].strip() == ""


def test_the_page_of_the_identity_tells_it_too_when_something_else_is_wrong(house, visitor):
    reference = visitor.accepted(house)
    wrong = section_of("identity", typed(birth_date="31.2.1980"))
    assert reference in text_of(visitor.send("/referrals/new", wrong))


def test_the_older_of_two_windows_is_told_and_overwrites_nothing(house, visitor):
    draft = visitor.draft()
    path, one = f"{draft}/contact", section_of("contact", typed())
    assert visitor.send(path, one | {"street": "Rue Neuve 1"}).status_code == 303
    late = visitor.send(path, one | {"street": "Rue Vieille 2", "saved": "1"})
    page = text_of(late)
    assert late.status_code == 409
    assert "Ceci a été modifié dans une autre fenêtre" in page
    assert "Enregistré à" not in page, "what is shown is not what is saved"
    assert "Rue Neuve 1" in page
    assert value_of(page, "street") == "Rue Vieille 2"
    assert "Rue Neuve 1" in visitor.open(f"{draft}/check")
    decided = visitor.send(path, one | {"street": "Rue Vieille 2", "saved": value_of(page, "saved")})
    assert decided.status_code == 303
    assert "Rue Vieille 2" in visitor.open(f"{draft}/check")


def test_the_older_window_hears_it_from_its_script_as_well(visitor):
    draft = visitor.draft()
    late = visitor.send(f"{draft}/contact", {"street": "Rue Vieille 2", "saved": "0"}, **AUTOSAVE)
    assert late.status_code == 409
    assert late.get_json()["said"].startswith("Pas enregistré")


def test_two_windows_on_two_sections_do_not_disturb_each_other(visitor):
    draft = visitor.draft()
    for section, change in (("contact", {"street": "Rue Neuve 1"}), ("needs", {"constraints": "Lundi pris."})):
        answer = visitor.send(f"{draft}/{section}", section_of(section, typed(**change)) | {"saved": "1"})
        assert answer.status_code == 303


def test_what_was_changed_since_the_check_is_not_sent_unseen(house, visitor):
    draft = visitor.draft()
    seen = value_of(visitor.open(f"{draft}/check"), "version")
    visitor.fill(draft, ["contact"], street="Rue Neuve 1")
    answer = visitor.send(f"{draft}/check", {"version": seen})
    assert answer.headers["Location"] == f"{draft}/check"
    assert "modifiées dans une autre fenêtre" in visitor.open(f"{draft}/check")
    assert house.rows(tables.referrals) == []


def test_a_change_link_leads_to_the_question_and_back(visitor):
    draft = visitor.draft()
    assert f'href="{draft}/contact?back=check#street"' in visitor.open(f"{draft}/check")
    page = visitor.http.get(f"{draft}/contact?back=check").text
    assert value_of(page, "back") == "check"
    answer = visitor.send(f"{draft}/contact", section_of("contact", typed()) | {"back": "check"})
    assert answer.headers["Location"] == f"{draft}/check#contact"


def test_nothing_can_be_sent_before_it_is_complete(house, visitor):
    draft = visitor.begin()
    assert visitor.http.get(f"{draft}/check").headers["Location"] == f"{draft}/contact"
    assert visitor.send(f"{draft}/check", {"version": "2"}, page="/referrals/new").status_code == 303
    assert house.rows(tables.referrals) == []


def test_a_draft_is_deleted_when_asked(house, visitor):
    draft = visitor.begin()
    assert "Supprimer ce brouillon" in visitor.open(f"{draft}/discard")
    assert visitor.send(f"{draft}/discard", {}).headers["Location"] == "/referrals/?show=drafts"
    assert house.rows(tables.drafts) == []
    assert visitor.http.get(draft).status_code == 404


def test_a_correction_that_is_given_up_leads_back_to_its_referral(house, visitor):
    reference = visitor.refer(agrees="unknown")
    house.decide()
    begun = visitor.send(f"/referrals/{reference}/correct", {}, page="/referrals/new")
    given_up = visitor.send(f"{begun.headers['Location']}/discard", {})
    assert given_up.headers["Location"] == f"/referrals/{reference}"
    assert "La correction a été abandonnée" in visitor.open(f"/referrals/{reference}")


def test_another_cms_finds_no_draft(house, visitor):
    draft = visitor.draft()
    other = Visitor(house, replace(SOCIAL_WORKER, areas=("sierre",)))
    for path in (draft, f"{draft}/identity", f"{draft}/check", f"{draft}/discard"):
        assert "Délèze" not in other.open(path, status=404)
        assert other.send(path, {"family_name": "x"}, page="/referrals/new").status_code in (404, 405)
    assert "Délèze" not in other.open("/referrals/?show=drafts")


def test_nobody_refers_for_another_cms(house):
    both = Visitor(house, replace(SOCIAL_WORKER, areas=(AREA, "sierre")))
    draft = both.begin()
    assert both.send(f"{draft}/referrer", {"cms_area": "haut-valais"}).status_code == 403
    assert both.send(f"{draft}/referrer", section_of("referrer", typed(cms_area="sierre"))).status_code == 303
    assert house.rows(tables.drafts)[0].cms_area == "sierre"


def test_the_form_without_its_token_is_refused(house, visitor):
    assert visitor.http.post("/referrals/new", data=section_of("identity", typed())).status_code == 400
    assert house.rows(tables.drafts) == []


def test_an_open_referral_of_the_own_cms_is_shown_as_soon_as_the_number_is_typed(house, visitor):
    reference = visitor.refer()
    page = visitor.open(visitor.begin())
    assert "une personne ne peut en avoir qu’un" in page
    assert f'href="/referrals/{reference}"' in page


def test_of_another_cms_nothing_is_told_but_that_there_is_one(house, visitor):
    reference = visitor.refer()
    other = Visitor(house, replace(SOCIAL_WORKER, areas=("sierre",)))
    draft = other.draft(cms_area="sierre", family_name="Autre")
    page = other.open(draft)
    assert "Un signalement est ouvert pour cette personne dans un autre CMS" in page
    refused = other.submit(draft)
    assert refused.status_code == 409
    for text in (page, text_of(refused)):
        assert "Service de l’action sociale" in text
        assert [secret for secret in (reference, "Délèze", "Sion") if secret in text] == []


def test_somebody_alike_with_another_number_is_shown_at_the_own_cms(house, visitor):
    reference = visitor.refer()
    page = visitor.open(visitor.begin(avs_number=NUMBERS[1], family_name="Zoe", given_name="DELEZE"))
    assert "une personne au nom semblable" in page
    assert reference in page


def test_somebody_alike_at_another_cms_is_hinted_at_without_a_word_more(house, visitor):
    reference = visitor.refer()
    other = Visitor(house, replace(SOCIAL_WORKER, areas=("sierre",)))
    page = other.open(other.begin(avs_number=NUMBERS[1], given_name="Zoe"))
    assert "Un signalement qui pourrait concerner cette personne existe dans un autre CMS." in page
    assert reference not in page
    assert "Sion" not in page


def test_nothing_is_hinted_at_before_the_whole_identity_is_typed(house, visitor):
    visitor.refer()
    other = Visitor(house, replace(SOCIAL_WORKER, areas=("sierre",)))
    answer = other.send("/referrals/new", section_of("identity", typed(avs_number="", family_name="Délèze")))
    (row,) = [row for row in house.rows(tables.drafts) if row.sent_as is None]
    assert answer.status_code == 422
    assert "pourrait concerner" not in other.open(f"/referrals/drafts/{row.id}")


def test_a_closed_referral_elsewhere_is_never_told(house, visitor):
    reference = visitor.refer()
    visitor.send(f"/referrals/{reference}/withdraw", {"reason": "health"})
    other = Visitor(house, replace(SOCIAL_WORKER, areas=("sierre",)))
    assert "autre CMS" not in other.open(other.begin())


def test_details_of_an_earlier_referral_are_taken_over_but_nothing_that_must_be_asked_anew(house, visitor):
    reference = visitor.refer()
    visitor.send(f"/referrals/{reference}/withdraw", {"reason": "health"})
    draft = visitor.begin()
    assert "Votre CMS a déjà signalé cette personne" in visitor.open(draft)
    taken = visitor.send(f"{draft}/take-over", {"reference": reference}, page=draft)
    assert taken.headers["Location"] == draft
    assert "Rue de la Source 21" in visitor.http.get(f"{draft}/contact").text
    page = visitor.open(draft)
    assert "4 rubriques sur 6 sont complètes" in page
    assert "checked" not in visitor.http.get(f"{draft}/consent").text


def test_a_closed_referral_is_begun_again_in_one_step(house, visitor):
    reference = visitor.refer()
    visitor.send(f"/referrals/{reference}/withdraw", {"reason": "health"})
    answer = visitor.send(f"/referrals/{reference}/again", {}, page="/referrals/new")
    assert answer.headers["Location"].endswith("/situation")


def test_what_is_missing_is_completed_and_submitted_again(house, visitor):
    reference = visitor.refer(agrees="unknown")
    house.decide()
    page = visitor.open(f"/referrals/{reference}")
    assert "Ce qui fait obstacle" in page
    assert 'name="section" value="consent"' in page
    begun = visitor.send(f"/referrals/{reference}/correct", {"section": "consent"}, page="/referrals/new")
    draft = begun.headers["Location"].removesuffix("/consent?back=check")
    assert value_of(visitor.open(f"{draft}/identity"), "avs_number") == NUMBERS[0]
    assert value_of(visitor.open(f"{draft}/identity"), "birth_date") == "04.05.1980"
    again = visitor.send(f"/referrals/{reference}/correct", {}, page="/referrals/new")
    assert again.headers["Location"] == draft, "one correction at a time"
    visitor.fill(draft, ["consent"])
    sent = visitor.submit(draft)
    assert sent.headers["Location"] == f"/referrals/{reference}/sent"
    house.decide()
    assert house.state(reference) == "accepted"
    assert house.story(reference).referral.cms_area == AREA


def test_a_correction_does_not_warn_of_itself(house, visitor):
    reference = visitor.refer(agrees="unknown")
    house.decide()
    begun = visitor.send(f"/referrals/{reference}/correct", {}, page="/referrals/new")
    page = visitor.open(begun.headers["Location"])
    assert "Ce que l’on sait déjà de cette personne" not in page
    assert f'href="/referrals/{reference}" class="govuk-back-link"' in page, "the referral is no draft"
