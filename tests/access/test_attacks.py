"""What thieves try, on every address of every service; and that each try would be seen to succeed by a planted hole."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import redirect, request

from tests import attacks
from tests.access.scene import Scene
from tests.access.table import FILE, Line, ask, every_line, in_order, lines_of, read
from tests.access.visitors import ACCOUNTS, NOBODY, Asking
from tests.together import Together

Visitors = Mapping[str, Asking]
Answers = list[tuple[str, Any]]  #: who asked for what, and the answer

HTTPS = "https://ancrage.example"
#: the same for everybody
PUBLIC = ("/assets/",)
#: what parts of addresses may be called that say where to go next
NEXT = ("next", "back", "url", "return", "return_to", "wanted", "lang", "show", "reference", "state", "page")


def walk(scene: Scene, visitors: Visitors, lines: Iterable[Line] | None = None) -> Iterator[tuple[str, Any]]:
    """Every address asked for by somebody who may and by nobody."""
    told = read(FILE.read_text())
    for line in in_order(lines or every_line(scene.world)):
        for name in {NOBODY, _allowed(told, line)}:
            yield f"{' '.join(line)} ({name})", ask(visitors[name], line, scene)


def _allowed(told: Mapping[Line, Mapping[str, str]], line: Line) -> str:
    return next((name for name, sign in told.get(line, {}).items() if sign == "+"), "admin")


def forms(scene: Scene) -> Iterator[tuple[str, str]]:
    """Every form of the site: who may send it, and where to."""
    told = read(FILE.read_text())
    for method, rule in in_order(lines_of(scene.world)):
        if method == "POST" and not rule.startswith(("/api/", "/operations/")):
            column = _allowed(told, (method, rule))
            yield (column if column in ACCOUNTS else "cms"), rule


@pytest.fixture
def answers(scene: Scene, visitors: Visitors) -> Answers:
    return list(walk(scene, visitors))


# -- what answers tell the browser --


def test_every_answer_tells_the_browser_to_be_careful(answers: Answers) -> None:
    assert len(answers) > 300
    assert any("Set-Cookie" in answer.headers for _who, answer in answers)
    assert {who: found for who, answer in answers if (found := attacks.careless(answer))} == {}


def test_no_cache_keeps_what_is_not_the_same_for_everybody(answers: Answers) -> None:
    private = [(who, answer) for who, answer in answers if not any(each in who for each in PUBLIC)]
    assert {who: found for who, answer in private if (found := attacks.kept_by_caches(answer))} == {}


def test_built_files_are_kept_by_caches_even_of_who_is_signed_in(visitors: Visitors) -> None:
    assert "immutable" in visitors["cms"].get("/assets/ancrage.css?v=1").headers["Cache-Control"]


def test_over_https_every_answer_says_that_it_stays_so(scene: Scene, tmp_path: Any) -> None:
    world = Together(tmp_path, {"ANCRAGE_PUBLIC_URL": HTTPS})
    client, found, cookies = world.visitor(None).client, {}, 0
    for _method, rule in (line for line in every_line(world) if line[0] == "GET"):
        answer = client.get(scene.address(rule), base_url=HTTPS)
        cookies += "Set-Cookie" in answer.headers
        found |= {rule: lacking} if (lacking := attacks.careless(answer, https=True)) else {}
    world.close()
    assert cookies
    assert found == {}


def test_an_answer_that_says_less_is_found(scene: Scene, visitors: Visitors, monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(response: Any) -> Any:
        response.headers["Content-Security-Policy"] = "default-src *; script-src 'unsafe-inline'"
        response.headers["Cache-Control"] = "private"
        response.headers["Set-Cookie"] = "ancrage=1; Path=/"
        return response

    app = scene.world.apps["placement"]
    monkeypatch.setitem(app.after_request_funcs, None, [careless, *app.after_request_funcs[None]])
    (who, answer), *_rest = walk(scene, visitors, [("GET", "/placement/groups/<code>")])
    found = attacks.careless(answer)
    assert {"Content-Security-Policy lacks \"frame-ancestors 'none'\"", "the policy allows unsafe-"} <= set(found), who
    assert {"a cookie lacks HttpOnly", "a cookie lacks SameSite=Lax"} <= set(found)
    assert attacks.kept_by_caches(answer)
    assert "a cookie lacks Secure" in attacks.careless(answer, https=True)


# -- forms that another site sends --


def taken_from_elsewhere(scene: Scene, visitors: Visitors, rules: Iterable[tuple[str, str]]) -> list[str]:
    return [
        found
        for column, rule in rules
        for found in attacks.send_without_token(visitors[column], [scene.address(rule)])  # type: ignore[arg-type]
    ]


def test_no_form_of_the_site_is_taken_that_another_site_has_sent(scene: Scene, visitors: Visitors) -> None:
    every = list(forms(scene))
    assert len(every) > 40
    assert taken_from_elsewhere(scene, visitors, every) == []


def test_a_form_that_asks_for_no_token_is_found(
    scene: Scene, visitors: Visitors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(scene.world.apps["placement"].config, "WTF_CSRF_CHECK_DEFAULT", False)
    found = taken_from_elsewhere(scene, visitors, [("oseo", "/placement/groups/new")])
    assert found == ["/placement/groups/new: no token", "/placement/groups/new: a wrong token"]


# -- addresses to be led to --


def led_elsewhere(scene: Scene, visitors: Visitors, lines: Iterable[Line]) -> dict[str, list[str]]:
    """Every address with every part that might say where to go, as somebody who may use it and as nobody."""
    told, found = read(FILE.read_text()), {}
    for line in in_order(lines):
        for name in {NOBODY, _allowed(told, line)}:
            go = partial(_ask_to_be_led, visitors[name], line, scene)
            if follows(go) and (away := attacks.lead_elsewhere(go)):
                found[f"{' '.join(line)} ({name})"] = away
    return found


def follows(go: Callable[[str], Any]) -> bool:
    """Whether it leads to where it is asked to at all: on the site, or plainly away from it."""
    inside, outside = (str(go(wanted).headers.get("Location", "")) for wanted in ("/led-here", attacks.ELSEWHERE[0]))
    return urlsplit(inside).path == "/led-here" or attacks.leaves(outside)


def _ask_to_be_led(visitor: Asking, line: Line, scene: Scene, wanted: str) -> Any:
    path, parts = scene.address(line[1]), dict.fromkeys(NEXT, wanted)
    return visitor.get(path, query_string=parts) if line[0] == "GET" else visitor.send(path, method=line[0], **parts)


def leading(scene: Scene) -> list[Line]:
    """Programs are led nowhere."""
    return [line for line in lines_of(scene.world) if not line[1].startswith(("/api/", "/operations/"))]


def test_no_address_leads_elsewhere(scene: Scene, visitors: Visitors) -> None:
    assert led_elsewhere(scene, visitors, leading(scene)) == {}


def test_an_address_that_leads_elsewhere_is_found(
    scene: Scene, visitors: Visitors, monkeypatch: pytest.MonkeyPatch
) -> None:
    views = scene.world.apps["placement"].view_functions
    monkeypatch.setitem(views, "groups.overview", lambda: redirect(request.args.get("back", "/")))
    found = led_elsewhere(scene, visitors, [("GET", "/placement/")])
    assert "//evil.example" in found["GET /placement/ (oseo)"]


def believing(scene: Scene, visitors: Visitors, lines: Iterable[Line]) -> list[str]:
    """Answers that hold the name under which a request came in: a link of them would lead there."""
    host, names = "evil.example", (NOBODY, "admin", "cms", "oseo")
    return [
        f"{rule} ({name})"
        for _method, rule in lines
        for name in names
        if host in _said(visitors[name].under_another_name(scene.address(rule), host))  # type: ignore[attr-defined]
    ]


def _said(answer: Any) -> str:
    return f"{answer.data!r} {answer.headers.get('Location', '')}"


def test_no_answer_believes_the_name_that_a_request_gives_the_site(scene: Scene, visitors: Visitors) -> None:
    assert believing(scene, visitors, (line for line in leading(scene) if line[0] == "GET")) == []


def test_an_answer_that_believes_it_is_found(scene: Scene, visitors: Visitors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(scene.world.apps["placement"].view_functions, "groups.overview", lambda: request.host_url)
    assert "/placement/ (oseo)" in believing(scene, visitors, [("GET", "/placement/")])
