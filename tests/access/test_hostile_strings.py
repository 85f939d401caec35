"""Whatever somebody types, sends or writes into an address comes back as text: nothing takes it for code."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
import structlog
from flask import request
from openpyxl import load_workbook
from pypdf import PdfReader
from werkzeug.test import TestResponse

from chassis import logs
from chassis.web import access_log
from services.referral.queries import sheets
from services.referral.web import papers
from tests.access.scene import Scene
from tests.access.table import FILE, Line, in_order, lines_of, read
from tests.access.visitors import ACCOUNTS, COLUMNS, NOBODY, Asking

Visitors = dict[str, Asking]


@pytest.fixture(scope="session")
def scene(either_scene: Scene) -> Scene:
    return either_scene


ROOT = Path(__file__).parents[2]
MARK = "zqx"
HOSTILE = (
    f"<script>{MARK}</script>",
    f"\"'><img src=x onerror={MARK}>",
    f"' OR 1=1; DROP TABLE referrals; -- {MARK}",
    f"{MARK}\r\nSet-Cookie: stolen=1",
    "{{ 7 * 191 }}" + MARK,
    f"{MARK}\x00",
    f"{MARK}\ud800",
    MARK * 3000,
    "9" * 40,
    "-1",
)
#: what typst would calculate and leave out
TYPST = f"#(7*191){MARK} *bold* $x$ // gone"
_CODE = re.compile(rf"<script>{MARK}|<img src=x onerror={MARK}|1337{MARK}")
_AS_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def taken_for_code(answer: TestResponse) -> list[str]:
    found = ["an error"] if answer.status_code >= 500 else []
    found += ["a header"] if any("stolen" in cookie for cookie in answer.headers.getlist("Set-Cookie")) else []
    return found + (["code"] if answer.mimetype == "text/html" and _CODE.search(answer.text) else [])


@cache
def told() -> dict[Line, dict[str, str]]:
    return read(FILE.read_text())


# -- typed into forms --


def forms(scene: Scene) -> Iterator[tuple[str, str]]:
    """A column that may send each form of the site, and the rule it is sent to."""
    for line in in_order(lines_of(scene.world)):
        ends_session = "sign-out" in line[1] or line[1].startswith(("/api/", "/operations/"))
        allowed = [name for name in ACCOUNTS if told().get(line, {}).get(name) == "+"]
        if line[0] == "POST" and allowed and not ends_session:
            yield allowed[0], line[1]


def fields_of(page: str) -> set[str]:
    return set(re.findall(r'<(?:input|textarea|select)[^>]* name="([^"]+)"', page)) - {"csrf_token"}


def faults(visitor: Asking, path: str, hostile: str) -> list[str]:
    """What an answer takes for code, sent in every field of the form at once."""
    page = visitor.get(path)
    names = fields_of(page.text) if page.mimetype == "text/html" else set()
    fields = {"csrf_token": visitor.token} | dict.fromkeys(names or {"search", "reason", "note"}, hostile)  # type: ignore[attr-defined]
    answer = visitor.post_raw(path, urlencode(fields, errors="surrogatepass"), _AS_FORM)  # type: ignore[attr-defined]
    if answer.headers.get("Location", "").startswith("/referrals/?search="):
        answer = visitor.get(answer.headers["Location"])
    return taken_for_code(answer)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_form_takes_what_is_typed_for_code(scene: Scene, visitors: Visitors, hostile: str) -> None:
    sent = list(forms(scene))
    assert len(sent) > 15
    wrong = {rule: faults(visitors[column], scene.address(rule), hostile) for column, rule in sent}
    assert {rule: found for rule, found in wrong.items() if found} == {}


def test_a_page_that_trusts_what_is_typed_is_found(
    scene: Scene, visitors: Visitors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if a template marked a value as safe."""

    def trusting() -> str:
        return f'<input name="name"><p>{request.form.get("name", "")}</p>'

    monkeypatch.setitem(scene.world.apps["placement"].view_functions, "groups.new", trusting)
    for hostile in HOSTILE[:2]:
        assert faults(visitors["oseo"], "/placement/groups/new", hostile) == ["code"]


# -- written into addresses --


def names_in_addresses() -> set[str]:
    """Every part of an address that any view asks for by name."""
    sources = (path.read_text() for top in ("chassis", "console", "services") for path in (ROOT / top).rglob("*.py"))
    asked = re.findall(r'(?:request\.(?:args|values)\.get(?:list)?|number_asked)\(\s*"(\w+)"', "\n".join(sources))
    paths = json.loads((ROOT / "docs/openapi.json").read_text())["paths"].values()
    parameters = [each for path in paths for call in path.values() for each in call.get("parameters", ())]
    filters = ("reference", "account", "action", "outcome", "since", "until", "areas", "after", "group")
    return {*asked, *filters, *(each["name"] for each in parameters if each.get("in") == "query")}


def asked_for(scene: Scene, visitors: Visitors, lines: list[Line], hostile: str) -> dict[str, list[str]]:
    """Every address with the string in all its parts at once, and every address made of it, as whoever may use it."""
    parts, found = _query(sorted(names_in_addresses()), hostile), {}
    for line in lines:
        made_of_it = re.sub(r"<[^>]+>", quote(hostile, safe="", errors="surrogatepass"), line[1])
        for path in (made_of_it, f"{scene.address(line[1])}?{parts}"):
            found[f"{path} ({_who(line)})"] = taken_for_code(visitors[_who(line)].get(path))
    return {path: wrong for path, wrong in found.items() if wrong}


def _query(names: Iterable[str], value: str) -> str:
    return urlencode(dict.fromkeys(names, value), errors="surrogatepass")


def _who(line: Line) -> str:
    return next((name for name in COLUMNS if told().get(line, {}).get(name) == "+"), NOBODY)


def looking(scene: Scene) -> list[Line]:
    """Addresses that say something about their parts; those that a PDF is made for take long."""
    return [line for line in lines_of(scene.world) if line[0] == "GET" and not line[1].endswith("/file")]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_address_is_taken_for_code(scene: Scene, visitors: Visitors, hostile: str) -> None:
    assert {"after", "cursor", "next", "page", "reference", "rows"} <= names_in_addresses()
    assert asked_for(scene, visitors, looking(scene), hostile) == {}


def test_no_part_of_an_address_is_taken_for_code_where_the_others_are_not_there(
    scene: Scene, visitors: Visitors
) -> None:
    for line in (each for each in looking(scene) if "<" not in each[1]):
        for name in sorted(names_in_addresses()):
            answer = visitors[_who(line)].get(f"{line[1]}?{_query([name], ''.join(HOSTILE[:-1]))}")
            assert taken_for_code(answer) == [], (line, name)


def test_an_address_that_is_taken_for_code_is_found(
    scene: Scene, visitors: Visitors, monkeypatch: pytest.MonkeyPatch
) -> None:
    views = scene.world.apps["placement"].view_functions
    monkeypatch.setitem(views, "groups.overview", lambda: f"<p>{request.args.get('page', '')}</p>")
    found = asked_for(scene, visitors, [("GET", "/placement/")], HOSTILE[0])
    assert list(found.values()) == [["code"]]


# -- stored, and shown to others --


@pytest.fixture(scope="module")
def stored(scene: Scene) -> str:
    """A referral that says hostile things wherever it may; its reference."""
    texts = ("family_name", "given_name", "street", "locality", "constraints", "urgency_reason", "referrer_name")
    said = dict(zip(texts, (*HOSTILE[:3], TYPST, HOSTILE[4], *HOSTILE[:2]), strict=True))
    said |= {"employment_reason": f"=1+1{MARK}", "benefit_reason": HOSTILE[0]}
    reference, _body = scene.world.refer(region="bas-valais", urgency="high", **said)
    scene.world.settle()
    return reference


def test_what_somebody_has_stored_is_text_to_all_who_read_it(scene: Scene, visitors: Visitors, stored: str) -> None:
    seen = 0
    for line in looking(scene):
        for column in ("oseo", "hes-so", "operator", "admin", "t:console"):
            answer = visitors[column].get(scene.address(line[1], stored))
            assert taken_for_code(answer) == [], (line, column)
            seen += MARK in answer.text
    assert seen > 1


def test_a_page_that_trusts_what_is_stored_is_found(
    scene: Scene, visitors: Visitors, stored: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scene.world.apps["placement"].jinja_env, "autoescape", False)
    scene.world.apps["placement"].jinja_env.cache.clear()
    monkeypatch.setattr(type(scene.world.apps["placement"].jinja_env.bytecode_cache), "code", {})
    answer = visitors["oseo"].get(f"/placement/participants/{stored}")
    scene.world.apps["placement"].jinja_env.cache.clear()
    assert taken_for_code(answer) == ["code"]


def test_the_file_to_keep_prints_markup_as_it_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert TYPST in _printed()
    read_as_markup = papers._source().replace(b"told.person)", b'eval(told.person, mode: "markup"))')
    monkeypatch.setattr(papers, "_source", lambda: read_as_markup)
    assert f"1337{MARK}" in _printed(), "what would be read as markup is found"


def _printed() -> str:
    words = dict.fromkeys(("title", "reference", "confidential", "footer", "state", "standing"), "x")
    made = papers.typeset(
        words | {"language": "fr", "person": TYPST, "parts": [{"title": TYPST, "rows": [[TYPST] * 2]}]}
    )
    return re.sub(r"\s+", " ", PdfReader(io.BytesIO(made)).pages[0].extract_text())


# -- in files for spreadsheets --


def formulas_in(answer: TestResponse) -> list[str]:
    """Cells of a file that a spreadsheet would calculate."""
    if answer.mimetype == "text/csv":
        rows = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";" if ";" in answer.text else ",")
        return [cell for row in rows for cell in row if cell.startswith(_FORMULA)]
    if "spreadsheet" in answer.mimetype:
        sheets = load_workbook(io.BytesIO(answer.data)).worksheets
        return [
            str(cell.value) for sheet in sheets for row in sheet.iter_rows() for cell in row if cell.data_type == "f"
        ]
    return []


def files(scene: Scene, visitors: Visitors) -> Iterator[tuple[str, TestResponse]]:
    """Whatever anybody may take away."""
    for line in looking(scene):
        for column in ("cms", "admin"):
            answer = visitors[column].get(scene.address(line[1]))
            if "attachment" in answer.headers.get("Content-Disposition", ""):
                yield f"{line[1]} ({column})", answer


def test_no_file_holds_a_formula(scene: Scene, visitors: Visitors, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = dict(files(scene, visitors))
    assert {"/audit/audit.csv (admin)", "/referrals/imports/<uuid:id>/corrections (cms)"} <= set(taken)
    assert {name: found for name, answer in taken.items() if (found := formulas_in(answer))} == {}
    monkeypatch.setattr(sheets, "guarded", lambda cell: cell)
    trusting = visitors["cms"].get(scene.address("/referrals/imports/<uuid:id>/corrections"))
    assert any("HYPERLINK" in cell for cell in formulas_in(trusting)), "what would be a formula is found"


# -- in logs --


def logged(scene: Scene, visitors: Visitors) -> list[str]:
    """Lines of the log of hostile requests."""
    stream, before = io.StringIO(), structlog.get_config()
    assert visitors["cms"].token  # type: ignore[attr-defined]  # asks for a page once
    logs.configure(stream)
    for hostile in HOSTILE:
        quoted = quote(hostile, errors="surrogatepass")
        for path in (f"/{quoted}", f"/referrals/{quoted}?page={quoted}"):
            visitors["cms"].get(path)
        visitors["cms"].post_raw("/referrals/", f"search={quoted}", _AS_FORM)  # type: ignore[attr-defined]
    structlog.configure(**before)
    return stream.getvalue().splitlines()


def test_no_request_writes_its_own_words_into_a_log(
    scene: Scene, visitors: Visitors, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = logged(scene, visitors)
    assert len(lines) == 3 * len(HOSTILE)
    assert all(json.loads(line)["event"] == "request" for line in lines)
    assert not [line for line in lines if MARK in line]
    monkeypatch.setattr(access_log, "_told", lambda _response: {"path": request.path})
    assert any(MARK in line for line in logged(scene, visitors)), "what would be written is found"
