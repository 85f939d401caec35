"""The desk of a CMS: nothing typed is lost, two windows never overwrite each other, and the file is one."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.desk import begin, fill_all, fill_section, refer
from tests.browser.people import somebody
from tests.browser.site import CMS_SION, Site
from tests.browser.visit import Visit
from tests.system import until

Begin = Callable[..., Visit]

BOTH = pytest.mark.parametrize("language", ["fr", "de"])
SAVED = {"fr": r"Enregistré à \d\d:\d\d", "de": r"Gespeichert um \d\d:\d\d"}


def status_of(window: Visit) -> str:
    return window.page.locator("[data-autosave-status]").inner_text()


@BOTH
def test_what_is_typed_is_saved_without_a_button_and_is_there_after_the_laptop_was_closed(
    visit: Begin, language: str
) -> None:
    body = somebody()
    window = visit(CMS_SION, language, about=[body]).open("/referrals/new")
    window.fill(family_name=body["family_name"], avs_number=body["avs_number"][:7])
    until(lambda: re.fullmatch(SAVED[language], status_of(window)))
    assert re.fullmatch(r"/referrals/drafts/[0-9a-f-]{36}/identity", window.path()), "the address leads back to it"
    window.fill(given_name=body["given_name"])
    window.page.close()
    other = visit(CMS_SION, language, javascript=False, about=[body]).open("/referrals/?show=drafts")
    until(lambda: f"{body['family_name']} {body['given_name']}" in other.open("/referrals/?show=drafts").text())
    other.follow(f"main td a:has-text('{body['family_name']} {body['given_name']}')").follow(
        "main a[href$='/identity']"
    )
    typed = other.typed()
    assert (typed["family_name"], typed["avs_number"]) == (body["family_name"], body["avs_number"][:7])


def test_what_was_typed_last_is_saved_before_one_signs_out(visit: Begin, site: Site) -> None:
    body = somebody()
    with site.clerk(CMS_SION) as clerk:
        path = begin(clerk, body) + "/contact"
    window = visit(CMS_SION, about=[body]).open(path).fill(street=body["street"])
    window.page.locator("form[action='/account/sign-out'] button").click()
    window.page.wait_for_url("**/account/sign-in")
    site.forget(CMS_SION)
    assert visit(CMS_SION, about=[body]).open(path).typed()["street"] == body["street"]


@BOTH
def test_a_postal_code_fills_in_the_rest_of_the_home_and_leaves_what_was_typed(
    visit: Begin, site: Site, language: str
) -> None:
    body = somebody()
    with site.clerk(CMS_SION) as clerk:
        path = begin(clerk, body) + "/contact"
    window = visit(CMS_SION, language, about=[body]).open(path).fill(postal_code="1950")
    until(lambda: window.typed()["commune_bfs"] == "6266", 10)
    assert window.typed()["locality"] == "Sion"
    assert status_of(window).endswith("Sion.")
    other = visit(CMS_SION, language, about=[body]).open(path).fill(postal_code="1992", locality="Les Agettes")
    until(lambda: other.typed()["commune_bfs"] == "6266", 10)
    assert other.typed()["locality"] == "Les Agettes"


@BOTH
def test_an_open_referral_is_told_while_the_number_is_typed(visit: Begin, language: str) -> None:
    body = somebody()
    window = refer(visit(CMS_SION, language, javascript=False, about=[body]), body)
    reference = window.path().rpartition("/")[2]
    again = visit(CMS_SION, language, about=[body]).open("/referrals/new").fill(avs_number=body["avs_number"])
    again.page.locator(f"[data-autosave-told] a[href='/referrals/{reference}']").wait_for()
    assert Axe().run(again.page).response["violations"] == []


@BOTH
def test_the_older_of_two_windows_is_told_while_typing_and_decides(visit: Begin, site: Site, language: str) -> None:
    body = somebody()
    with site.clerk(CMS_SION) as clerk:
        path = begin(clerk, body) + "/contact"
    older, newer = visit(CMS_SION, language, about=[body]), visit(CMS_SION, language, javascript=False, about=[body])
    older.open(path)
    newer.open(path).fill(street="Rue Neuve 1").send()
    older.fill(street="Rue Vieille 2", locality="Sion")
    until(lambda: not re.fullmatch(SAVED[language], status_of(older)) and status_of(older))
    older.send()
    text = older.text()
    assert "Rue Neuve 1" in text
    assert "Rue Vieille 2" in text
    assert older.typed()["street"] == "Rue Vieille 2"
    older.follow(".govuk-error-summary a")
    assert older.typed()["street"] == "Rue Neuve 1"


def test_a_connection_that_is_gone_is_told_and_nothing_is_lost(visit: Begin, site: Site) -> None:
    body = somebody()
    with site.clerk(CMS_SION) as clerk:
        path = begin(clerk, body) + "/contact"
    window = visit(CMS_SION, about=[body]).open(path)
    window.page.context.set_offline(True)
    window.fill(street=body["street"])
    until(lambda: status_of(window).startswith("Pas enregistré"))
    window.page.context.set_offline(False)
    until(lambda: re.fullmatch(SAVED["fr"], status_of(window)))


@BOTH
@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_an_answer_is_changed_from_the_check_and_one_is_back_there(
    visit: Begin, language: str, javascript: bool
) -> None:
    body = somebody()
    window = fill_all(visit(CMS_SION, language, javascript=javascript, about=[body]), body)
    window.follow("main a[href*='/contact?back=check#street']")
    window.fill(street="Chemin des Écoliers 7").send()
    assert window.path().endswith("/check")
    assert "Chemin des Écoliers 7" in window.text()
    window.send()
    assert re.fullmatch(r"/referrals/ISA-\d{4}-\d{6}/sent", window.path())


def test_the_file_is_a_pdf_whose_name_tells_nothing(visit: Begin) -> None:
    body = somebody()
    window = refer(visit(CMS_SION, about=[body]), body)
    with window.page.expect_download() as download:
        window.page.locator("main a[href$='/file']").click()
    assert re.fullmatch(r"ISA-\d{4}-\d{6}\.pdf", download.value.suggested_filename)
    assert download.value.path().read_bytes().startswith(b"%PDF-1.7")


@BOTH
@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_costs_are_reported_corrected_and_never_doubled(visit: Begin, language: str, javascript: bool) -> None:
    body = somebody()
    window = refer(visit(CMS_SION, language, javascript=javascript, about=[body]), body)
    until(lambda: window.open(f"{window.path()}?still=1").page.locator("main a[href$='/costs']").count())
    window.follow("main a[href$='/costs']").fill(period="2026-Q3", amount="1'200.–").send()
    assert [row[1] for row in window.rows()] == ["1'200.–"]
    window.fill(period="2026-Q3", amount="1300").send()
    assert len(window.errors()) == 1
    window.follow("main td a").fill(amount="CHF 1300.40").send()
    assert [row[1] for row in window.rows()] == ["1'300.–"]


@BOTH
@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_a_consent_to_the_evaluation_is_taken_back_and_the_place_stays(
    visit: Begin, language: str, javascript: bool
) -> None:
    body = somebody()
    window = refer(visit(CMS_SION, language, javascript=javascript, about=[body]), body)
    here = window.path()
    until(lambda: window.open(f"{here}?still=1").page.locator("main a[href$='/costs']").count())
    window.follow("main a[href$='/consent']").fill(purpose="evaluation").send()
    assert window.path() == here
    assert window.page.locator("main a[href$='/costs']").count() == 0
    assert window.page.locator("main a[href$='/withdraw']").count() == 1


@BOTH
def test_who_was_referred_before_need_not_be_typed_again(visit: Begin, language: str) -> None:
    body = somebody(social_assistance="no")
    window = refer(visit(CMS_SION, language, javascript=False, about=[body]), body)
    here = window.path()
    until(lambda: window.open(f"{here}?still=1").page.locator("main form[action$='/again']").count())
    window.follow("main form[action$='/again'] button")
    assert window.path().endswith("/situation")
    fill_section(window, "situation", body | {"social_assistance": "yes"}).send()
    assert window.path().endswith("/consent")
