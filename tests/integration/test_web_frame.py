"""What every page and every API of the site does: the session, the languages, errors, safety."""

import gzip
import html
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask import Blueprint, Flask, render_template_string, request, session
from marshmallow import Schema, fields, validate
from sqlalchemy.orm.exc import StaleDataError

from chassis.crypto import issue_token
from chassis.i18n import Catalogue
from chassis.settings import Settings
from chassis.store import StoreUnreachable
from chassis.testing import FrozenClock
from chassis.web import (
    Person,
    current_person,
    current_token,
    errors_for_people,
    inside,
    make_app,
    problem,
    requires,
    requires_token,
    sign_in,
    sign_out,
    submitted,
    typed,
)
from contracts.site import Entry
from tests.visitor import Visitor

WORKER = frozenset({"worker"})
NAVIGATION = (
    Entry("/work/", {"fr": "Travail", "de": "Arbeit"}, WORKER),
    Entry("/other/", {"fr": "Ailleurs", "de": "Anderswo"}, frozenset({"other"})),
    Entry("/counted", {"fr": "Compté", "de": "Gezählt"}, WORKER, right="head"),
)
FORM = """{% extends "layout.html" %}{% from "macros.html" import form, text_input, textarea, button, radios %}
{% set page_title = "Form" %}{% set form_id = "the-form" %}
{% block content %}{% call form("the-form") %}{{ text_input("name", "Name", values.name) }}
{{ radios("why", "Why", [{"value": "x", "text": "X", "conditional": textarea("text", "Text", values.text)}], "x") }}
{{ button("Go") }}{% endcall %}{% endblock %}"""


class AnimalForm(Schema):
    name = fields.String(required=True, validate=validate.Length(max=5))
    age = fields.Integer()


def pages() -> Blueprint:
    blueprint = Blueprint("pages", __name__)

    @blueprint.get("/enter/<role>")
    @blueprint.get("/enter/<role>/<right>")
    def enter(role: str, right: str | None = None) -> str:
        session["left_over"] = "from before"
        before = dict(session)
        rights = (right,) if right else ()
        sign_in(Person(id="p1", name="Léa <Rey>", role=role, areas=("sierre",), rights=rights, language="de"))
        return f"{'left_over' in before} {'left_over' in session}"

    @blueprint.get("/leave")
    def leave() -> str:
        sign_out()
        return "left"

    @blueprint.route("/work/", methods=["GET", "POST"])
    @requires("worker")
    def work() -> Any:
        person = current_person()
        assert person is not None
        return render_template_string(FORM, values={"name": person.areas[0]})

    @blueprint.route("/form", methods=["GET", "POST"])
    def form() -> Any:
        return f"did {typed()}" if submitted() else render_template_string(FORM, values=typed())

    @blueprint.get("/whence")
    def whence() -> str:
        return request.remote_addr or ""

    @blueprint.get("/anyone")
    @requires()
    def anyone() -> str:
        return "hello"

    @blueprint.get("/counted")
    @requires("worker", right="head")
    def counted() -> str:
        return "all of them"

    @blueprint.get("/boom")
    def boom() -> str:
        raise RuntimeError("756.1234.5678.97 is a secret")

    @blueprint.get("/stale")
    def stale() -> str:
        raise StaleDataError("somebody was quicker")

    return blueprint


def api() -> Blueprint:
    blueprint = Blueprint("api", __name__, url_prefix="/api/animals")

    @blueprint.post("/")
    @requires_token("animals:write")
    def create() -> Any:
        body = request.get_json()
        faults = AnimalForm().validate(body)
        if faults:
            from marshmallow import ValidationError

            return problem(422, fields=errors_for_people(ValidationError(faults)))
        return {"by": current_token()["sub"]}, 201

    return blueprint


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.read({}, data=tmp_path, create=True)


@pytest.fixture
def app(settings: Settings, clock: FrozenClock) -> Flask:
    return build(settings, clock)


def build(settings: Settings, clock: FrozenClock, **options: Any) -> Flask:
    context = SimpleNamespace(name="test", settings=settings, clock=clock)
    blueprints = [pages(), api()]
    usual = {"navigation": NAVIGATION, "session_check": lambda person, began: True}
    return make_app(context, blueprints, Catalogue("services.identity"), **usual | options)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app)


# -- who may see what --


def test_signed_out_a_page_leads_to_the_sign_in_page_and_back(visitor: Visitor) -> None:
    answer = visitor.get("/work/?page=2&sort=a")
    assert answer.status_code == 302
    assert answer.location == "/account/sign-in?next=/work/%3Fpage%3D2%26sort%3Da"


def test_the_wrong_role_is_refused_and_the_right_one_let_in(visitor: Visitor) -> None:
    visitor.get("/enter/other")
    assert visitor.get("/work/").status_code == 403
    assert visitor.get("/anyone").status_code == 200
    visitor.get("/enter/worker")
    assert visitor.get("/work/").status_code == 200


def test_some_pages_want_a_right_besides_the_role(visitor: Visitor) -> None:
    visitor.get("/enter/worker")
    assert visitor.get("/counted").status_code == 403
    assert "Gezählt" not in visitor.get("/work/").text
    visitor.get("/enter/worker/head")
    assert visitor.get("/counted").status_code == 200
    assert "Gezählt" in visitor.get("/work/").text
    visitor.get("/enter/other/head")
    assert visitor.get("/counted").status_code == 403, "the right alone is not enough"


def test_a_role_is_checked_on_every_method(visitor: Visitor) -> None:
    visitor.get("/enter/other")
    visitor.get("/form")
    assert visitor.post("/work/").status_code == 403


def test_the_navigation_holds_what_the_role_may_see_in_the_language_of_the_person(visitor: Visitor) -> None:
    visitor.get("/enter/worker")
    page = visitor.get("/work/").text
    assert 'aria-current="page">Arbeit</a>' in page
    assert "Anderswo" not in page
    assert "Léa &lt;Rey&gt;" in page


def test_signing_in_drops_whatever_the_session_held(visitor: Visitor) -> None:
    visitor.get("/form")
    before, token = visitor.cookie(), visitor.token
    assert visitor.get("/enter/worker").text == "True False"
    assert visitor.cookie() != before
    assert visitor.post_raw("/work/", {"csrf_token": token}).status_code == 400, "the old form's token is worthless"


def test_a_cookie_planted_before_the_sign_in_opens_nothing(app: Flask) -> None:
    victim, thief = Visitor(app), Visitor(app)
    thief.get("/form")
    victim.client.set_cookie("ancrage", thief.cookie())
    victim.get("/enter/worker")
    assert victim.get("/anyone").status_code == 200
    assert thief.get("/anyone").status_code == 302


def test_a_forged_cookie_is_nobody(app: Flask, settings: Settings, clock: FrozenClock, tmp_path: Path) -> None:
    elsewhere = Settings.read({}, data=tmp_path / "elsewhere", create=True)
    stranger = Visitor(build(elsewhere, clock))
    stranger.get("/enter/worker")
    here = Visitor(app)
    here.client.set_cookie("ancrage", stranger.cookie())
    assert here.get("/anyone").status_code == 302


def test_signing_out_ends_the_session_and_keeps_the_language(visitor: Visitor) -> None:
    visitor.get("/enter/worker?lang=de")
    visitor.get("/leave")
    assert visitor.get("/anyone").status_code == 302
    assert '<html lang="de"' in visitor.get("/form").text


def test_a_session_nobody_uses_ends_after_an_hour(visitor: Visitor, clock: FrozenClock) -> None:
    visitor.get("/enter/worker")
    clock.move(minutes=59)
    assert visitor.get("/anyone").status_code == 200
    clock.move(minutes=59)
    assert visitor.get("/anyone").status_code == 200, "each use begins the hour anew"
    clock.move(minutes=61)
    assert visitor.get("/anyone").status_code == 302


def test_a_session_in_constant_use_ends_after_half_a_day(visitor: Visitor, clock: FrozenClock) -> None:
    visitor.get("/enter/worker")
    for _ in range(24):
        clock.move(minutes=29)
        assert visitor.get("/anyone").status_code == 200
    clock.move(minutes=29)
    assert visitor.get("/anyone").status_code == 302


def test_a_session_can_be_ended_from_outside(settings: Settings, clock: FrozenClock) -> None:
    ended: list[str] = []
    visitor = Visitor(build(settings, clock, session_check=lambda person, began: person.id not in ended))
    visitor.get("/enter/worker")
    assert visitor.get("/anyone").status_code == 200
    ended.append("p1")
    assert visitor.get("/anyone").status_code == 302


def test_a_session_that_cannot_be_checked_opens_nothing_and_the_page_says_to_come_back(
    settings: Settings, clock: FrozenClock
) -> None:
    away: list[str] = []

    def checked(person: Person, began: datetime) -> bool:
        if away:
            raise StoreUnreachable
        return True

    visitor = Visitor(build(settings, clock, session_check=checked))
    visitor.get("/enter/worker")
    visitor.get("/form")
    away.append("the store")
    for answer in (visitor.get("/work/"), visitor.post("/work/", name="x")):
        assert answer.status_code == 503
        assert "Léa" not in answer.text
    away.clear()
    assert visitor.get("/work/").status_code == 200, "the session goes on"


@pytest.mark.parametrize(
    "path",
    ["https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil", "/\t/evil.example",
     "evil", "", None, "javascript:alert(1)", "/ok\r\nSet-Cookie: a=b"],
)  # fmt: skip
def test_no_address_leads_out_of_the_site(path: str | None) -> None:
    assert inside(path, "/") == "/"


def test_addresses_inside_the_site_are_followed() -> None:
    assert inside("/work/?page=2", "/") == "/work/?page=2"


# -- forms --


def test_a_form_without_its_token_is_refused(visitor: Visitor) -> None:
    visitor.get("/form")
    assert visitor.post_raw("/form", {"name": "x"}).status_code == 400
    assert visitor.post("/form", name="x").text.startswith("did")


def test_a_token_of_another_session_is_refused(app: Flask) -> None:
    one, other = Visitor(app), Visitor(app)
    one.get("/form")
    other.get("/form")
    assert other.post_raw("/form", {"csrf_token": one.token}).status_code == 400


def test_a_form_that_another_site_sends_is_refused_even_with_the_token(visitor: Visitor) -> None:
    visitor.get("/form")
    for site, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)):
        answer = visitor.post_raw("/form", {"csrf_token": visitor.token}, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == status, site


def test_a_form_that_took_hours_to_fill_in_is_still_taken(visitor: Visitor) -> None:
    visitor.get("/form")
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=9)):
        assert visitor.post("/form", name="x").text.startswith("did")


def send_again(page: Any) -> dict[str, str]:
    """The fields that a page holds to be sent again, the token aside."""
    held = re.findall(r'<textarea name="([^"]+)" hidden>(.*?)</textarea>', page.text, re.S)
    return {name: html.unescape(value) for name, value in held}


def test_a_form_sent_by_somebody_signed_out_meanwhile_is_kept_to_be_sent_again(
    visitor: Visitor, clock: FrozenClock
) -> None:
    visitor.get("/enter/worker")
    visitor.get("/work/")
    clock.move(hours=2)
    page = visitor.post("/work/", name="Lé<a", text="one\r\ntwo")
    assert page.status_code == 403
    assert send_again(page) == {"name": "Lé<a", "text": "one\ntwo"}
    assert 'href="/account/sign-in"' in page.text
    old = visitor.token
    visitor.get("/enter/worker")  # in another tab
    same = {"Sec-Fetch-Site": "same-origin"}
    page = visitor.post_raw("/work/", {"csrf_token": old, **send_again(page)}, headers=same)
    assert page.status_code == 403, "the token is of the session before"
    assert send_again(page) == {"name": "Lé<a", "text": "one\ntwo"}
    assert visitor.post("/work/", **send_again(page)).status_code == 200


def test_only_a_form_of_our_own_pages_is_offered_again(visitor: Visitor) -> None:
    visitor.get("/enter/worker")
    for headers in ({}, {"Sec-Fetch-Site": "none"}):
        page = visitor.post_raw("/work/", {"csrf_token": "wrong", "name": "planted"}, headers=headers)
        assert page.status_code == 400
        assert "planted" not in page.text


def test_a_button_without_answers_just_leads_to_the_sign_in_page(visitor: Visitor) -> None:
    visitor.get("/form")
    assert visitor.post("/work/").location == "/account/sign-in?next=/"


def test_no_page_holds_a_password_that_was_typed(visitor: Visitor) -> None:
    visitor.get("/form")
    answer = visitor.post("/work/", new_password="secret words", name="x")
    assert answer.status_code == 302
    same = {"Sec-Fetch-Site": "same-origin"}
    answer = visitor.post_raw("/form", {"csrf_token": "old", "password": "secret words"}, headers=same)
    assert (answer.status_code, answer.location) == (303, "/form")
    assert "secret words" not in answer.text


def test_switching_the_language_on_a_form_keeps_what_was_typed_and_does_nothing(visitor: Visitor) -> None:
    visitor.get("/form")
    page = visitor.post("/form", name="Lé<a", text="a\r\n  b", switch_language="de")
    assert '<html lang="de"' in page.text
    assert 'value="Lé&lt;a"' in page.text
    assert '<html lang="de"' in visitor.get("/form").text, "and it stays"


def test_text_of_several_lines_is_shown_as_it_was_typed_wherever_the_field_stands(visitor: Visitor) -> None:
    visitor.get("/form")
    page = visitor.post("/form", text="first\r\n  second\r\n\r\nthird", switch_language="fr")
    assert ">first&#10;  second&#10;&#10;third</textarea>" in page.text


def test_a_language_link_keeps_the_rest_of_the_address(visitor: Visitor) -> None:
    visitor.get("/enter/worker?lang=fr")
    page = visitor.get("/nowhere?page=2&lang=fr&a=b").text
    assert 'href="/nowhere?page=2&amp;a=b&amp;lang=de"' in page


def test_the_language_is_the_one_chosen_else_the_persons_else_the_browsers_else_french(app: Flask) -> None:
    def language(visitor: Visitor, path: str = "/form") -> str:
        return visitor.get(path).text.split('<html lang="')[1][:2]

    assert language(Visitor(app, language="it")) == "fr"
    german = Visitor(app, language="de-CH,de;q=0.9,fr;q=0.1")
    assert language(german) == "de"
    french = Visitor(app, language="fr")
    french.get("/enter/worker")
    assert language(french) == "de", "the person's own"
    assert language(french, "/form?lang=fr") == "fr"
    assert language(french, "/form?lang=xx") == "fr", "an unknown one changes nothing"


# -- safety --


def test_every_answer_tells_the_browser_to_be_careful(visitor: Visitor) -> None:
    for path in ("/form", "/nowhere", "/boom", "/api/animals/", "/assets/ancrage.css", "/health/live"):
        headers = visitor.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, path
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"


def test_pages_hold_no_inline_script_or_style(visitor: Visitor) -> None:
    page = visitor.get("/form").text
    assert "<style" not in page
    assert " style=" not in page
    assert page.count("<script") == page.count('<script type="module" src="/assets/')
    assert " onclick" not in page


def test_what_somebody_signed_in_sees_is_kept_by_no_cache(visitor: Visitor) -> None:
    visitor.get("/enter/worker")
    assert visitor.get("/work/").headers["Cache-Control"] == "no-store"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(visitor: Visitor) -> None:
    cookie = visitor.get("/enter/worker").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie, "there is no https here"


def test_over_https_the_cookie_is_secure_and_browsers_are_told_to_stay_there(tmp_path: Path) -> None:
    told = {"ANCRAGE_PUBLIC_URL": "https://ancrage.example"}
    visitor = Visitor(build(Settings.read(told, data=tmp_path, create=True), FrozenClock()))
    answer = visitor.get("/enter/worker", base_url="https://ancrage.example")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "max-age" in answer.headers["Strict-Transport-Security"]


@pytest.mark.parametrize(
    ("proxies", "told", "believed"),
    [
        ("0", "203.0.113.5", "192.0.2.7"),  # written by the visitor itself
        ("1", "203.0.113.5", "203.0.113.5"),
        ("1", "198.51.100.9, 203.0.113.5", "203.0.113.5"),  # the first by the visitor, the last by the proxy
        ("2", "198.51.100.9, 203.0.113.5, 203.0.113.6", "203.0.113.5"),
    ],
)
def test_a_visitors_address_is_believed_of_our_own_proxies_only(
    tmp_path: Path, proxies: str, told: str, believed: str
) -> None:
    settings = Settings.read({"ANCRAGE_PROXIES": proxies}, data=tmp_path, create=True)
    visitor = Visitor(build(settings, FrozenClock()))
    assert visitor.get("/whence", headers={"X-Forwarded-For": told}).text == believed


def test_what_no_store_can_hold_is_refused_before_a_store_is_asked(visitor: Visitor) -> None:
    visitor.get("/form")
    for path in ("/form?page=%00", "/form?page=1&page=%00", "/wo%00rk/"):
        assert visitor.get(path).status_code == 400, path
    assert visitor.post("/form", name="Del\x00eze").status_code == 400


def test_a_body_of_more_than_a_megabyte_is_refused(visitor: Visitor) -> None:
    visitor.get("/form")
    answer = visitor.post("/form", name="x" * (1024 * 1024 + 1))
    assert answer.status_code == 413
    assert "1 Mo" in answer.text


def test_built_files_are_kept_a_year_under_a_name_that_changes_with_them(visitor: Visitor) -> None:
    page = visitor.get("/form").text
    address = page.split('<link rel="stylesheet" href="')[1].split('"')[0]
    answer = visitor.get(address)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    assert "immutable" not in visitor.get("/assets/ancrage.css").headers["Cache-Control"]
    assert visitor.get("/assets/../app.py").status_code == 404


def test_built_files_travel_compressed_where_the_browser_can_read_that(visitor: Visitor) -> None:
    plain = visitor.get("/assets/ancrage.css")
    packed = visitor.get("/assets/ancrage.css", headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 4
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "Accept-Encoding" in plain.headers["Vary"]


# -- errors --


@pytest.mark.parametrize(
    ("path", "status", "french", "german"),
    [
        ("/nowhere", 404, "Cette page n’existe pas", "Diese Seite gibt es nicht"),
        ("/stale", 409, "Quelqu’un d’autre", "Jemand anderes"),
        ("/boom", 500, "de notre côté", "Bei uns ist ein Fehler"),
    ],
)
def test_errors_are_pages_in_the_readers_language(app: Flask, path: str, status: int, french: str, german: str) -> None:
    for language, said in (("fr", french), ("de", german)):
        answer = Visitor(app, language=language).get(path)
        assert answer.status_code == status
        assert said in answer.text
        assert "main-content" in answer.text


def test_what_went_wrong_inside_is_told_by_a_number_and_logged_without_anybodys_data(
    visitor: Visitor, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = visitor.get("/boom?name=Rochat")
    logged = "".join(capsys.readouterr())
    assert answer.headers["X-Request-ID"] in answer.text
    assert answer.headers["X-Request-ID"] in logged
    assert "RuntimeError" in logged
    assert "boom" in logged, "where"
    assert "756.1234" not in answer.text + logged
    assert "Rochat" not in logged


# -- the API --


def token(settings: Settings, clock: FrozenClock, *scopes: str) -> dict[str, str]:
    claims = {"sub": "integration:sierre", "areas": ["sierre"], "scopes": list(scopes)}
    return {"Authorization": "Bearer " + issue_token(settings.keys.token, claims, clock.now(), timedelta(days=1))}


def send(visitor: Visitor, body: Any, headers: dict[str, str]) -> Any:
    raw = body if isinstance(body, (str, bytes)) else json.dumps(body)
    headers = {"Content-Type": "application/json", **headers}
    return visitor.client.post("/api/animals/", data=raw, headers=headers)


def test_the_api_wants_a_token_with_the_right_scope(visitor: Visitor, settings: Settings, clock: FrozenClock) -> None:
    animal = {"name": "Léo"}
    assert send(visitor, animal, {}).status_code == 401
    assert send(visitor, animal, {"Authorization": "Basic abc"}).status_code == 401
    assert send(visitor, animal, {"Authorization": "Bearer abc"}).status_code == 401
    assert send(visitor, animal, token(settings, clock, "animals:read")).status_code == 403
    answer = send(visitor, animal, token(settings, clock, "animals:write"))
    assert (answer.status_code, answer.json) == (201, {"by": "integration:sierre"})


def test_a_token_ends(visitor: Visitor, settings: Settings, clock: FrozenClock) -> None:
    mine = token(settings, clock, "animals:write")
    clock.move(days=1, seconds=1)
    answer = send(visitor, {"name": "Léo"}, mine)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_session_is_no_token(visitor: Visitor) -> None:
    visitor.get("/enter/worker")
    assert send(visitor, {"name": "Léo"}, {}).status_code == 401


def test_problems_are_told_field_by_field_in_the_language_asked_for(
    visitor: Visitor, settings: Settings, clock: FrozenClock
) -> None:
    mine = token(settings, clock, "animals:write")
    answer = send(visitor, {"age": "old", "colour": "red"}, {**mine, "Accept-Language": "de-CH"})
    assert answer.status_code == 422
    assert answer.content_type.startswith("application/problem+json")
    assert answer.json == {
        "type": "about:blank",
        "title": "In den gesendeten Angaben stimmt etwas nicht",
        "status": 422,
        "detail": "Jedes Feld, das zu korrigieren ist, wird genannt.",
        "errors": [
            {"pointer": "#/name", "detail": "Füllen Sie dieses Feld aus."},
            {"pointer": "#/age", "detail": "Geben Sie eine ganze Zahl ein."},
            {"pointer": "#/colour", "detail": "Dieses Feld ist nicht bekannt."},
        ],
    }
    french = send(visitor, {"name": "Léopold"}, {**mine, "Accept-Language": "fr"})
    assert french.json["errors"] == [{"pointer": "#/name", "detail": "Utilisez au plus 5 caractères."}]


def test_what_is_no_json_is_a_bad_request(visitor: Visitor, settings: Settings, clock: FrozenClock) -> None:
    mine = token(settings, clock, "animals:write")
    assert send(visitor, "{", mine).status_code == 400
    assert send(visitor, b"\xff\xfe", mine).status_code == 400
    assert send(visitor, "{}", {**mine, "Content-Type": "text/plain"}).status_code == 415
    assert send(visitor, "x" * (1024 * 1024 + 1), mine).status_code == 413
    answer = send(visitor, "{", mine)
    assert answer.json["status"] == 400
    assert visitor.get("/api/nowhere").json["status"] == 404
    assert visitor.get("/api/animals/").status_code == 405
