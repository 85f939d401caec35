"""The frame and identity's pages in a real browser: reachable, readable, usable without JavaScript."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from argon2 import PasswordHasher
from axe_playwright_python.sync_playwright import Axe
from flask import Blueprint, render_template_string
from werkzeug.serving import make_server

from chassis.migrations import migrate
from chassis.settings import Settings
from chassis.web import make_app, submitted, typed
from contracts.site import NAVIGATION
from services.identity import handlers
from services.identity.store import Passwords
from services.identity.web import account, entrance, people, translations
from services.identity.wiring import IdentityContext, wire

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: every part that pages are made of, at once
GALLERY = """{% extends "layout.html" %}
{% from "macros.html" import back_link, button, checkbox, checkboxes, date_input, details, error_summary, fieldset,
   figures, file_upload, form, inset, link_button, notice, pagination, panel, password_input, radios, select,
   summary_list, table, tag, text_input, textarea, timeline, warning with context %}
{% set page_title = "Galerie" %}{% set form_id = "gallery" %}
{% set errors = {"name": ["Remplissez ce champ."], "born": ["Entrez une date."], "why": ["Choisissez."]} %}
{% block before_content %}{{ back_link("/") }}{% endblock %}
{% block content %}
{{ error_summary(errors, {"name": "Nom"}) }}
<h1 class="govuk-heading-l">Galerie</h1>
{{ panel("ISA-2026-000001", "Envoyé") }}{{ notice("Enregistré.", success=true) }}{{ inset("Bon à savoir") }}
{% call form(form_id) %}
{% call fieldset("Personne") %}
{{ text_input("name", "Nom", values.name, errors.name, hint="Comme sur la carte AVS") }}
{{ date_input("born", "Date de naissance", ("31", "2", ""), errors.born, birthday=true) }}
{% endcall %}
{{ radios("why", "Pourquoi", [("a", "A"), {"value": "b", "text": "B", "hint": "avec une raison",
   "conditional": textarea("because", "Raison", values.because)}], values.why, errors.why) }}
{{ checkboxes("likes", "Intérêts", [("x", "Peinture"), ("y", "Théâtre")], ["x"]) }}{{ checkbox("yes", "D’accord") }}
{{ select("area", "Région", [("s", "Sion")], optional=true) }}
{{ textarea("text", "Texte", values.text, max_length=100) }}
{{ password_input("password", "Mot de passe") }}{{ file_upload("file", "Fichier") }}
{{ button("Envoyer") }}{{ button("Supprimer", kind="warning", name="delete", value="1") }}
{% endcall %}
{{ link_button("Suite", "/", kind="secondary") }}
{{ summary_list([("Nom", "Léa"), {"key": "État", "value": tag("placé", "green"),
   "actions": [{"href": "/", "text": "Modifier"}]}]) }}
{{ table("Places", ["Groupe", "Places"], [["Sion", "15"], [tag("fermé", "grey"), "3"]], numeric=[1]) }}
{{ figures([("Occupées", 12), ("Libres", 3)]) }}{{ warning("Ne peut pas être annulé.") }}
{% for colour in ("grey", "green", "teal", "blue", "purple", "magenta", "red", "orange", "yellow") %}
{{ tag(colour, colour) }}{% endfor %}
{{ timeline([{"at": now, "title": "Envoyé", "text": "par le CMS", "by": "Amélie Rey"},
   {"at": now, "title": "Placé"}]) }}
{% call details("Plus") %}<p class="govuk-body">Davantage</p>{% endcall %}
{{ pagination("/previous", "/next") }}
{% endblock %}"""


def gallery(context: IdentityContext) -> Blueprint:
    blueprint = Blueprint("gallery", __name__)

    @blueprint.route("/gallery", methods=["GET", "POST"])
    def show() -> Any:
        if submitted():
            return f"sent {typed()}"
        return render_template_string(GALLERY, values=typed(), now=context.clock.now())

    return blueprint


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> IdentityContext:
    settings = Settings.read({}, data=Path(tmp_path_factory.mktemp("identity")), create=True)
    context = wire(settings, passwords=Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)))
    migrate(context.store)
    with context.unit() as unit:
        handlers.create_demo_accounts(unit)
    return context


@pytest.fixture(scope="module")
def site(context: IdentityContext) -> Iterator[str]:
    """The address of identity's pages and the gallery."""
    blueprints = (entrance.blueprint, account.blueprint, people.blueprint, gallery(context))
    app = make_app(context, blueprints, translations, session_check=lambda person, began: True, navigation=NAVIGATION)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def complaints(page: "Page") -> list[str]:
    """What the browser complained about: refused scripts and styles, errors of ours."""
    heard: list[str] = []
    page.on(
        "console",
        lambda message: (
            heard.append(f"{message.text} {message.location}") if message.type in ("error", "warning") else None
        ),
    )
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


def sign_in(page: "Page", site: str, context: IdentityContext, mailbox: str = "administration") -> None:
    page.goto(f"{site}/account/sign-in?next=/account/")
    page.fill("#email", f"{mailbox}@demo.ancrage.example")
    page.fill("#password", context.demo_password)
    page.press("#password", "Enter")
    page.wait_for_url(f"{site}/account/")


PAGES = ("/account/sign-in", "/account/", "/account/password", "/account/people/", "/account/people/new", "/gallery",
         "/nowhere")  # fmt: skip


@pytest.mark.parametrize("language", ["fr", "de"])
@pytest.mark.parametrize("width", [320, 1200])
def test_no_page_has_a_barrier(page: "Page", site: str, context: IdentityContext, width: int, language: str) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    found = {}
    for path in PAGES:
        page.goto(site + path + f"?lang={language}")
        if page.url.startswith(f"{site}/account/sign-in") and path != "/account/sign-in":
            sign_in(page, site, context)
            page.goto(site + path)
        assert page.get_attribute("html", "lang") == language
        faults = Axe().run(page).response["violations"]
        found[path] = [f"{fault['id']}: {node['html']}" for fault in faults for node in fault["nodes"]]
    assert not any(found.values()), found


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_wider_than_a_small_telephone(page: "Page", site: str, context: IdentityContext, path: str) -> None:
    sign_in(page, site, context)
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(site + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_browser_refuses_nothing_of_ours(
    page: "Page", site: str, context: IdentityContext, complaints: list[str]
) -> None:
    sign_in(page, site, context)
    for path in PAGES[1:-1]:  # signed in, the first leads away; the last is not there
        page.goto(site + path)
    assert complaints == []
    assert "js-enabled" in (page.get_attribute("body", "class") or "")


def test_enter_sends_a_form_and_does_not_switch_its_language(page: "Page", site: str) -> None:
    page.goto(f"{site}/gallery")
    page.fill("#name", "Léa")
    page.press("#name", "Enter")
    assert "sent {'name': 'Léa'" in page.content()
    assert "delete" not in page.content(), "nor does it press any other button"


@pytest.mark.parametrize("scripts", [True, False])
def test_the_language_of_a_form_is_switched_without_losing_what_was_typed(
    browser: "Browser", site: str, scripts: bool
) -> None:
    page = browser.new_context(locale="fr-CH", java_script_enabled=scripts).new_page()
    page.goto(f"{site}/gallery")
    page.fill("#name", "Léa « Rey »")
    page.fill("#text", "première ligne\n  deuxième ligne")
    page.check("#why-2")
    page.fill("#because", "a\n\n   b")
    page.click("text=Deutsch")
    page.wait_for_load_state()
    assert page.get_attribute("html", "lang") == "de"
    assert page.input_value("#name") == "Léa « Rey »"
    assert page.input_value("#text") == "première ligne\n  deuxième ligne"
    assert page.input_value("#because") == "a\n\n   b"
    assert page.is_checked("#why-2")
    page.context.close()


def test_without_scripts_one_signs_in_changes_the_language_and_signs_out(
    browser: "Browser", site: str, context: IdentityContext
) -> None:
    page = browser.new_context(locale="fr-CH", java_script_enabled=False).new_page()
    sign_in(page, site, context, "oseo")
    page.check("#language-2")
    page.click("text=Enregistrer la langue")
    assert page.get_attribute("html", "lang") == "de"
    page.click("text=Ausloggen")
    assert page.url == f"{site}/account/sign-in"
    page.goto(f"{site}/account/")
    assert page.url.startswith(f"{site}/account/sign-in")
    page.context.close()


def test_after_an_error_the_summary_leads_to_the_field(page: "Page", site: str, context: IdentityContext) -> None:
    sign_in(page, site, context)
    page.goto(f"{site}/account/people/new")
    page.click("text=Envoyer l’invitation")
    assert page.title().startswith("Erreur")
    assert page.evaluate("document.activeElement.className") == "govuk-error-summary"
    page.click(".govuk-error-summary a:has-text('Langue')")
    assert page.evaluate("document.activeElement.id") == "language"


def test_what_belongs_to_an_answer_is_shown_while_it_is_chosen(page: "Page", site: str) -> None:
    page.goto(f"{site}/gallery")
    assert not page.is_visible("#because")
    page.check("#why-2")
    assert page.is_visible("#because")
    page.check("#why")
    assert not page.is_visible("#because")


def test_the_keyboard_reaches_the_content_at_once(page: "Page", site: str) -> None:
    page.goto(f"{site}/account/sign-in")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className").startswith("govuk-skip-link")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main-content"


def test_a_page_with_all_it_needs_is_light(page: "Page", site: str) -> None:
    sizes: dict[str, int] = {}
    page.on("response", lambda answer: sizes.update({answer.url: int(answer.headers["content-length"])}))
    page.goto(f"{site}/account/sign-in", wait_until="networkidle")
    icon = page.locator("link[rel=icon]").evaluate("link => link.href")
    sizes[icon] = len(page.request.get(icon).body())  # a browser without windows does not ask for it
    assert len(sizes) == 4, "page, style, script, icon"
    assert sum(sizes.values()) < 50_000
