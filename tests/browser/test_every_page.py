"""All pages in all their states, in both languages: nobody is kept out, nothing is untranslated or forgotten.

And nobody is named in addresses, logs and e-mails: searched for everybody whom the site has ever heard of.
"""

import re
from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.looks import look_at, on_a_telephone, torn
from tests.browser.people import secrets_of, spoken_of
from tests.browser.routes import Routes
from tests.browser.site import CMS_SION, OSEO, Site
from tests.browser.tour import STOPS, tour
from tests.browser.visit import PHONE, Visit, visiting
from tests.browser.words import is_foreign

if TYPE_CHECKING:
    from playwright.sync_api import Browser

#: rules that lead to no page of their own
_LEAD_ELSEWHERE = {
    "/": "each role begins where its work is",
    "/account/provider/": "to the provider, where one is set",
    "/account/provider/back": "in, or to the sign-in page",
    "/account/provider/leave": "to the provider",
    "/audit/audit.csv": "a file to take away",
    "/referrals/<reference>/file": "a PDF: see test_desk.py",
    "/referrals/imports/template-<language>.<kind>": "a file to take away",
    "/referrals/imports/<uuid:id>/corrections": "a file to take away",
}
_SHOW_PEOPLE = ((CMS_SION, "/referrals/"), (OSEO, "/placement/groups/oseo-sion"), (OSEO, "/placement/waiting/sion/fr"))
Begin = Callable[..., Visit]
Seen = dict[str, dict[str, Any]]


@pytest.fixture(scope="module", params=["fr", "de"])
def seen(request: pytest.FixtureRequest, browser: "Browser", furnished: Site) -> Seen:
    """What was found at each stop of the tour in one language."""
    routes = Routes(furnished.settings)
    return {stop.name: look_at(window, routes) for stop, window in tour(browser, furnished, request.param)}


def _found(seen: Seen, what: str) -> dict[str, Any]:
    return {name: each[what] for name, each in seen.items() if each[what]}


def test_no_page_has_a_barrier(seen: Seen) -> None:
    assert _found(seen, "barriers") == {}


def test_every_page_is_in_one_language(seen: Seen, request: pytest.FixtureRequest) -> None:
    assert _found(seen, "foreign") == {}
    assert {each["language"] for each in seen.values()} == {request.node.callspec.params["seen"]}


def test_no_page_is_wider_than_a_small_telephone(seen: Seen) -> None:
    assert _found(seen, "too wide") == {}


def test_no_word_is_torn(seen: Seen) -> None:
    assert _found(seen, "torn") == {}
    assert _found(seen, "torn on a telephone") == {}


def test_every_error_says_what_its_field_asks_for(seen: Seen) -> None:
    assert _found(seen, "vague") == {}


def test_no_page_was_left_out(seen: Seen, furnished: Site) -> None:
    visited = {each["rule"] for each in seen.values()}
    assert Routes(furnished.settings).pages() - visited - _LEAD_ELSEWHERE.keys() == set()
    assert set(seen) == {stop.name for stop in STOPS}


@pytest.mark.parametrize(
    ("text", "language"),
    [("Sign in", "fr"), ("Ausloggen", "fr"), ("Se déconnecter", "de"), ("In the middle of the page", "de")],
)
def test_what_is_in_another_language_is_found(text: str, language: str) -> None:
    assert is_foreign(text, language)


@pytest.mark.parametrize(("text", "language"), [("Messages", "fr"), ("Ausloggen", "de"), ("Raphaël Moix", "de")])
def test_what_belongs_there_is_not(text: str, language: str) -> None:
    assert not is_foreign(text, language)


def test_what_sticks_out_is_found(browser: "Browser", site: Site) -> None:
    with visiting(browser, site) as window:
        assert on_a_telephone(window.open("/account/sign-in")) == {"too wide": [], "torn on a telephone": []}
        window.page.evaluate("document.querySelector('h1').style.width = '400px'")
        assert any("<h1" in each for each in on_a_telephone(window)["too wide"])


def test_a_torn_word_is_found(browser: "Browser", site: Site) -> None:
    with visiting(browser, site) as window:
        assert torn(window.open("/account/sign-in")) == []
        window.page.evaluate("document.querySelector('h1').style.width = '1em'")
        window.page.evaluate("document.querySelector('h1').style.overflowWrap = 'anywhere'")
        assert any("connecter" in each for each in torn(window))


def test_a_torn_title_of_a_column_is_found(visit: Begin) -> None:
    window = visit(CMS_SION).open("/account/")
    window.page.set_viewport_size(PHONE)
    cell = "<td class='govuk-table__cell' data-title='{}'>-</td>"
    table = "<table><tr class='govuk-table__row'>{}</tr></table>"
    for title, found in (("Einschränkungen", []), ("Einschränkungsgründe", ["Einschränkungsgründe"])):
        window.page.evaluate(
            "html => document.querySelector('main').innerHTML = html", table.format(cell.format(title))
        )
        assert torn(window) == found


def test_a_barrier_is_found(browser: "Browser") -> None:
    page = browser.new_page()
    page.set_content("<html lang='fr'><title>Une page</title><main><h1>Une page</h1><input></main>")
    assert "label" in {fault["id"] for fault in Axe().run(page).response["violations"]}
    page.close()


@pytest.fixture(scope="module")
def secrets(furnished: Site) -> list[str]:
    """Every name, number, street, day of birth and reason that was ever sent."""
    found = secrets_of(*furnished.people)
    assert len(found) > 500
    return found


def test_no_line_of_any_log_holds_personal_data(furnished: Site, secrets: list[str]) -> None:
    paths = [*(furnished.folder / "log").glob("*"), furnished.folder.parent / f"{furnished.folder.name}.log"]
    told = {path.name: path.read_text(errors="replace") for path in paths}
    assert {"web.log", "worker.log"} <= told.keys()
    assert sum(text.count("ISA-2026-") for text in told.values()) > 100, "the logs tell of referrals"
    assert {name: found for name, text in told.items() if (found := spoken_of(secrets, text))} == {}


def test_no_email_holds_personal_data(furnished: Site, secrets: list[str]) -> None:
    letters = all_letters(furnished)
    assert len(letters) > 100
    assert [found for letter in letters if (found := spoken_of(secrets, letter))] == []


@pytest.mark.parametrize("partner", ["sas", "hes-so"])
def test_who_may_not_recognise_a_referral_reads_no_reference(furnished: Site, partner: str) -> None:
    letters = [letter for letter in all_letters(furnished) if f"@{partner}.example" in letter]
    assert letters
    assert not any("ISA-2026-" in letter for letter in letters)


def all_letters(site: Site) -> list[str]:
    return [read(path) for path in (site.folder / "mail").glob("*.eml")]


def read(path: Path) -> str:
    """An e-mail's head and body, decoded."""
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    body = mail.get_body()
    assert body is not None
    return "\n".join([*map(str, mail.values()), str(body.get_content())])


def test_no_address_holds_personal_data(furnished: Site, secrets: list[str]) -> None:
    """Every link and form of the pages that show people; the tour watches all that a browser asks for besides."""
    seen: set[str] = set()
    for mailbox, start in _SHOW_PEOPLE:
        with furnished.clerk(mailbox) as clerk:
            for page in [start, *clerk.links(start, '/[^"]*ISA-[^"]+')[:10]]:
                seen |= set(re.findall(r'(?:href|action|src)="([^"]+)"', clerk.get(page).text))
    assert len(seen) > 50
    assert spoken_of(secrets, "\n".join(sorted(seen))) == []


def test_a_search_leaves_no_name_in_an_address(furnished: Site, secrets: list[str]) -> None:
    name = next(body["family_name"] for body in furnished.people if body["cms_area"] == "sion-herens-conthey")
    with furnished.clerk(CMS_SION) as cms:
        address = cms.send("/referrals/", search=name).headers["Location"]
        assert name in cms.get(address).text
        assert spoken_of(secrets, address) == []


def test_what_is_personal_is_found(secrets: list[str], furnished: Site) -> None:
    body = furnished.people[0]
    fields = ("family_name", "given_name", "avs_number", "phone", "street", "birth_date", "employment_reason")
    for planted in [*(body[field] for field in fields), body["avs_number"].replace(".", "")]:
        assert spoken_of(secrets, f'{{"event": "request", "told": "{planted}"}}')
    assert spoken_of(secrets, '{"event": "request", "route": "/referrals/<reference>"}') == []
