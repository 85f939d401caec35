"""All pages in all their states, in both languages: nobody is kept out, nothing is untranslated or forgotten."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from chassis.i18n import Catalogue
from tests.browser.routes import Routes
from tests.browser.site import CMS_SION, Site
from tests.browser.tour import STOPS, tour
from tests.browser.visit import DESKTOP, PHONE, Visit, visiting
from tests.browser.words import foreign, is_foreign

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
Begin = Callable[..., Visit]
Seen = dict[str, dict[str, Any]]


@pytest.fixture(scope="module", params=["fr", "de"])
def seen(request: pytest.FixtureRequest, browser: "Browser", furnished: Site) -> Seen:
    """What was found at each stop of the tour in one language."""
    routes = Routes(furnished.settings)
    return {stop.name: look_at(window, routes) for stop, window in tour(browser, furnished, request.param)}


def look_at(window: Visit, routes: Routes) -> dict[str, Any]:
    faults = Axe().run(window.page).response["violations"]
    return {
        "rule": routes.rule_of(window.page.url),
        "barriers": [f"{fault['id']}: {node['html']}" for fault in faults for node in fault["nodes"]],
        "foreign": foreign(window),
        "language": window.page.locator("html").get_attribute("lang"),
        "vague": vague(window),
        "too wide": too_wide(window),
        "torn": [*torn(window), *on_a_telephone(window, torn)],
    }


def vague(window: Visit) -> list[str]:
    """Errors beside a field that would fit any other."""
    said = Catalogue("console").gettext(window.language, "Fill in this field.")  # as all services share it
    assert said != "Fill in this field."
    return [each for each in window.errors() if each == said]


def too_wide(window: Visit) -> list[str]:
    """What sticks out to the right on a small telephone; tables scroll in a box of their own."""
    return on_a_telephone(window, lambda window: list(window.page.evaluate(_STICKING_OUT)))


def torn(window: Visit) -> list[str]:
    """Short words that a line ends in the middle of, since what they stand in is too narrow."""
    return list(window.page.evaluate(_TORN))


def on_a_telephone(window: Visit, look: Callable[[Visit], list[str]]) -> list[str]:
    window.page.set_viewport_size(PHONE)
    found = look(window)
    window.page.set_viewport_size(DESKTOP)
    return found


_STICKING_OUT = """() => {
  const width = document.documentElement.scrollWidth
  if (width <= innerWidth) return []
  const out = [...document.querySelectorAll('body *')].filter(e => e.scrollWidth > e.clientWidth + 1
    || e.getBoundingClientRect().right > innerWidth).filter(e => !e.closest('.ancrage-table-scroll, pre'))
  return [`${width} px`, ...out.map(e => e.outerHTML.slice(0, 120))]
}"""


_TORN = """() => {
  const range = document.createRange(), texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const tops = () => new Set([...range.getClientRects()].filter(r => r.width > 1).map(r => Math.round(r.top / 4)))
  const found = []
  while (texts.nextNode()) {
    const text = texts.currentNode, around = text.parentElement
    if (!around.checkVisibility() || around.closest('pre, code, .ancrage-code, .ancrage-secret')) continue
    for (const word of text.data.matchAll(/(?<![^\\s(])\\p{L}{2,12}(?=[.,:;)]?(?:\\s|$))/gu)) {
      range.setStart(text, word.index)
      range.setEnd(text, word.index + word[0].length)
      if (tops().size > 1) found.push(`${word[0]} in ${around.outerHTML.slice(0, 80)}`)
    }
  }
  const pen = document.createElement('canvas').getContext('2d')
  for (const cell of document.querySelectorAll('[data-title]')) {  // titles of columns, written by the style
    const style = getComputedStyle(cell, '::before')
    if (style.content === 'none') continue
    pen.font = style.font
    for (const word of cell.dataset.title.split(' '))
      if (pen.measureText(word).width > parseFloat(getComputedStyle(cell).gridTemplateColumns)) found.push(word)
  }
  return found
}"""


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
        assert too_wide(window.open("/account/sign-in")) == []
        window.page.evaluate("document.querySelector('h1').style.width = '400px'")
        assert any("<h1" in each for each in too_wide(window))


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
