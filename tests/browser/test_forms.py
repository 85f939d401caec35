"""Forms forgive: what is typed stays, what is wrong is said where it stands, and no mouse is needed."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.desk import begin, fill_section
from tests.browser.people import as_typed, somebody
from tests.browser.site import CMS_SION, OSEO, Site
from tests.browser.visit import Visit

Begin = Callable[..., Visit]

WITH_AND_WITHOUT = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])


@WITH_AND_WITHOUT
def test_nothing_typed_is_lost_when_something_is_wrong(visit: Begin, javascript: bool) -> None:
    body = somebody()
    window = visit(CMS_SION, javascript=javascript, about=[body]).open("/referrals/new")
    fill_section(window, "identity", body).fill(avs_number="756.1234.5678.90", birth_date="31.2.1980")
    before = window.typed()
    window.send()
    assert window.page.title().startswith("Erreur")
    assert len(window.errors()) == 2
    assert window.typed() == before


@WITH_AND_WITHOUT
def test_switching_the_language_in_the_middle_of_a_section_keeps_all_and_sends_nothing(
    visit: Begin, site: Site, javascript: bool
) -> None:
    body = somebody(constraints="a\n\n   b")
    with site.clerk(CMS_SION) as clerk:
        draft = begin(clerk, body)
    window = visit(CMS_SION, javascript=javascript, about=[body]).open(f"{draft}/needs")
    fill_section(window, "needs", body).fill(interests=["theatre", "dance"])
    before = window.typed()
    window.follow("header button[value=de]")
    assert window.heading() == "Bedürfnisse und Verfügbarkeit"
    assert window.errors() == []
    assert window.typed() == before
    window.follow("header button[value=fr]")
    assert window.heading() == "Besoins et disponibilité"
    assert window.typed() == before


@pytest.mark.parametrize("language", ["fr", "de"])
def test_the_summary_says_each_error_and_leads_to_its_field(visit: Begin, language: str) -> None:
    window = visit(CMS_SION, language).open("/referrals/new").send()
    summary = window.page.locator(".govuk-error-summary")
    assert summary.evaluate("e => e === document.activeElement"), "the summary is read out first"
    links = summary.locator("a").all()
    assert len(links) == len(window.errors()) == 5
    for link in links:
        link.focus()
        window.page.keyboard.press("Enter")
        target = str(link.get_attribute("href")).removeprefix("#")
        field = window.page.evaluate("document.activeElement.id || document.activeElement.name")
        assert field == target, f"{link.inner_text()} leads to {field}"


def test_without_scripts_the_summary_leads_to_fields_that_exist(visit: Begin) -> None:
    window = visit(CMS_SION, javascript=False).open("/referrals/new").send()
    targets = [str(link.get_attribute("href")) for link in window.page.locator(".govuk-error-summary a").all()]
    assert len(targets) == 5
    assert [target for target in targets if window.page.locator(f"main form {target}").count() != 1] == []


def focused(window: Visit) -> dict[str, str]:
    """What the keyboard is at, and whether one can see that."""
    told: dict[str, str] = window.page.evaluate(_FOCUSED)
    return told


_FOCUSED = """() => {
  const e = document.activeElement, style = getComputedStyle(e)
  const drawn = ['radio', 'checkbox'].includes(e.type)  // over the control itself, which is transparent
    ? getComputedStyle(e.nextElementSibling, '::before') : style
  const seen = [drawn.outlineStyle, drawn.boxShadow].some(x => x !== 'none')
  return {tag: e.tagName.toLowerCase(), type: e.type || '', name: e.name || '', value: e.value || '',
          text: e.innerText || '', visible: seen ? 'yes' : 'no'}
}"""


def test_the_keyboard_alone_fills_in_and_sends_a_referral(visit: Begin) -> None:
    body = somebody()
    typed = as_typed(body)
    window = visit(CMS_SION, about=[body]).open("/referrals/new")
    keyboard, done = window.page.keyboard, set()
    keyboard.press("Tab")
    assert focused(window)["text"] == "Aller au contenu principal"
    keyboard.press("Enter")
    for _page in range(8):
        done |= _to_the_button(window, typed)
        window.press("Enter")
        if window.path().startswith("/referrals/ISA-"):
            break
    assert window.heading() == "Le signalement est envoyé", window.errors()
    assert done >= typed.keys()


def _to_the_button(window: Visit, typed: dict[str, Any]) -> set[str]:
    """Tab by tab through the page, answering what it asks, to the button that sends it; the fields answered."""
    done: set[str] = set()
    for _press in range(120):
        window.page.keyboard.press("Tab")
        at = focused(window)
        if at["tag"] == "body":
            continue
        assert at["visible"] == "yes", f"one cannot see the focus on {at}"
        if at["tag"] == "button" and at["name"] == "":
            return done
        if at["name"] in typed and at["name"] not in done:
            done.add(at["name"])
            _answer(window, at, typed[at["name"]])
    raise AssertionError("the button was never reached")


def _answer(window: Visit, at: dict[str, str], value: object) -> None:
    """Types into the field, or moves within the choices with arrows and the space bar."""
    keyboard = window.page.keyboard
    if at["type"] == "radio":
        keyboard.press("Space")
        for _step in range(4):
            if focused(window)["value"] == value:
                return
            keyboard.press("ArrowDown")
        raise AssertionError(f"{at['name']} has no {value}")
    if at["type"] == "checkbox":
        for _step in range(12):
            if focused(window)["value"] in list(value if isinstance(value, list) else [value]):
                keyboard.press("Space")
            if focused(window)["name"] != at["name"]:
                break
            keyboard.press("Tab")
        keyboard.press("Shift+Tab")
        return
    if at["type"] == "select-one":
        window.page.locator(f"[name={at['name']}]").select_option(str(value))
        return
    keyboard.insert_text(str(value))


def test_enter_in_a_field_sends_the_form_and_switches_no_language(visit: Begin) -> None:
    window = visit(OSEO).open("/placement/groups/new")
    window.page.locator("[name=name]").focus()
    window.press("Enter")
    assert window.page.locator("html").get_attribute("lang") == "fr"
    assert window.errors()
