"""In and out of the site."""

from collections.abc import Callable

import pytest

from tests.browser.site import ADMINISTRATOR, CMS_SION, HES_SO, OPERATOR, OSEO, SAS, VILLE, Site, address_of
from tests.browser.visit import Visit

Begin = Callable[..., Visit]

STARTS = {
    CMS_SION: ("/referrals/", "Signalements"),
    OSEO: ("/placement/", "Groupes et places"),
    HES_SO: ("/evaluation/", "Évaluation"),
    SAS: ("/placement/figures", "Chiffres par région"),
    VILLE: ("/placement/", "Groupes et places"),
    OPERATOR: ("/console/", "Exploitation"),
    ADMINISTRATOR: ("/console/", "Exploitation"),
}


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_a_social_worker_signs_in_and_out(visit: Begin, site: Site, javascript: bool) -> None:
    window = visit(javascript=javascript).open("/")
    assert (window.path(), window.heading()) == ("/account/sign-in", "Se connecter")
    window.fill(email=address_of(CMS_SION), password=site.password).send()
    assert (window.path(), window.heading()) == ("/referrals/", "Signalements")
    window.follow("header form button")
    assert window.path() == "/account/sign-in"
    assert "Vous êtes déconnecté" in window.text()
    window.open("/referrals/")
    assert window.path() == "/account/sign-in"


def test_after_signing_in_one_is_where_one_wanted_to_go(visit: Begin, site: Site) -> None:
    window = visit().open("/referrals/new")
    window.fill(email=address_of(CMS_SION), password=site.password).send()
    assert window.path() == "/referrals/new"


@pytest.mark.parametrize(
    ("language", "said"),
    [("fr", "L’adresse e-mail ou le mot de passe est faux."), ("de", "E-Mail-Adresse oder Passwort ist falsch.")],
)
def test_a_wrong_password_opens_nothing_and_the_address_stays(visit: Begin, language: str, said: str) -> None:
    window = visit(None, language).open("/account/sign-in")
    window.fill(email="quelqu.un@demo.ancrage.example", password="ce n’est pas lui").send()
    assert window.errors() == [said]
    assert window.typed() == {"email": "quelqu.un@demo.ancrage.example", "password": ""}
    assert window.open("/referrals/").path() == "/account/sign-in"


@pytest.mark.parametrize("mailbox", STARTS)
def test_everybody_begins_where_their_work_is(visit: Begin, mailbox: str) -> None:
    window = visit(mailbox).open("/")
    assert (window.path(), window.heading()) == STARTS[mailbox]


def test_whoever_was_signed_out_in_the_middle_of_a_form_loses_nothing(visit: Begin, site: Site) -> None:
    window = visit(CMS_SION, javascript=False).open("/referrals/new").fill(family_name="Yıldız-Perruchoud", sex="f")
    cookies = [each for each in window.page.context.cookies() if each["name"] != "ancrage"]
    window.page.context.clear_cookies()
    window.page.context.add_cookies(cookies)  # type: ignore[arg-type]  # as they came
    window.send()
    assert window.heading() == "Vos réponses sont toujours là"
    aside = visit().open("/account/sign-in").fill(email=address_of(CMS_SION), password=site.password).send()
    window.page.context.add_cookies(aside.page.context.cookies())  # type: ignore[arg-type]
    window.send()
    if window.heading() != "Identité":  # the token is of the session before: once more
        window.send()
    assert window.heading() == "Identité"
    assert window.typed()["family_name"] == "Yıldız-Perruchoud"
    assert window.typed()["sex"] == ["f"]
