"""The end of a session as people meet it: they are warned, may go on, and lose nothing that they typed."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.site import CMS_SION, Site, address_of
from tests.browser.visit import Visit

Begin = Callable[..., Visit]

DIALOG = "dialog.ancrage-session"
NAME = "Perruchoud-Yıldız"


@pytest.fixture(autouse=True)
def young(site: Site) -> None:
    """Use is noted once a minute: a session nearly that old would end half a minute too early."""
    site.forget(CMS_SION)


def waiting(visit: Begin, language: str = "fr") -> Visit:
    """A form half filled in, on a page whose clock the test moves."""
    window = visit(CMS_SION, language)
    window.page.clock.install()
    return window.open("/referrals/new").fill(family_name=NAME, sex="f")


def focused(window: Visit) -> str:
    return str(window.page.evaluate("document.activeElement.textContent")).strip()


@pytest.mark.parametrize(
    ("language", "title", "button"),
    [
        ("fr", "Vous serez bientôt déconnecté·e", "Rester connecté·e"),
        ("de", "Sie werden bald ausgeloggt", "Eingeloggt bleiben"),
    ],
)
def test_two_minutes_before_the_end_a_page_warns_and_going_on_takes_one_key(
    visit: Begin, language: str, title: str, button: str
) -> None:
    window = waiting(visit, language)
    dialog = window.page.locator(DIALOG)
    window.page.clock.fast_forward("57:30")
    assert not dialog.is_visible()
    window.page.clock.fast_forward("00:45")
    dialog.wait_for(state="visible")
    assert title in dialog.inner_text()
    assert focused(window) == button
    assert Axe().run(window.page).response["violations"] == []
    window.page.keyboard.press("Enter")
    dialog.wait_for(state="hidden")
    window.page.clock.fast_forward("57:00")
    assert not dialog.is_visible()
    assert window.typed()["family_name"] == NAME


def test_escape_means_going_on(visit: Begin) -> None:
    window = waiting(visit)
    window.page.clock.fast_forward("58:30")
    window.page.locator(DIALOG).wait_for(state="visible")
    window.page.keyboard.press("Escape")
    window.page.locator(DIALOG).wait_for(state="hidden")


def test_using_one_tab_keeps_the_others_from_warning(visit: Begin) -> None:
    window = waiting(visit)
    window.page.clock.fast_forward("58:30")
    window.page.locator(DIALOG).wait_for(state="visible")
    other = window.page.context.new_page()
    other.goto(f"{window.site.url}/referrals/")
    window.page.locator(DIALOG).wait_for(state="hidden")


def test_after_the_end_the_page_is_covered_and_what_was_typed_comes_back(visit: Begin, site: Site) -> None:
    window = waiting(visit)
    expire(window)
    window.page.clock.fast_forward("01:01:00")
    again = window.page.locator(f"{DIALOG} [data-again]")
    again.wait_for(state="visible")
    assert not window.page.locator("main").is_visible()
    assert focused(window) == "Se reconnecter et continuer"
    assert Axe().run(window.page).response["violations"] == []
    window.press("Enter")
    assert window.path() == "/account/sign-in"
    assert "Ce que vous avez saisi est conservé" in window.text()
    window.fill(email=address_of(CMS_SION), password=site.password).send()
    assert window.heading() == "Vos réponses sont toujours là"
    window.follow("main form button[name=switch_language]")
    assert window.heading() == "Identité"
    assert (window.typed()["family_name"], window.typed()["sex"]) == (NAME, ["f"])


def test_without_javascript_the_page_says_when_the_session_ends_and_nothing_typed_is_lost(
    visit: Begin, site: Site
) -> None:
    window = visit(CMS_SION, javascript=False).open("/referrals/new").fill(family_name=NAME)
    assert "Sans activité, vous serez déconnecté·e à" in window.page.locator("footer").inner_text()
    expire(window)
    window.send()
    window.fill(email=address_of(CMS_SION), password=site.password).send()
    assert window.heading() == "Vos réponses sont toujours là"
    window.send()
    assert (window.heading(), window.typed()["family_name"]) == ("Identité", NAME)


def expire(window: Visit) -> None:
    """Leaves the window with the cookie that it would have an hour and more later."""
    (cookie,) = (each for each in window.page.context.cookies() if each["name"] == "ancrage")
    cookie["value"] = window.site.aged(str(cookie["value"]), hours=2)
    window.page.context.add_cookies([cookie])  # type: ignore[list-item]  # as it came
