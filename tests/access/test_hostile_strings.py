"""Whatever somebody types into any field of any form comes back as text: no page, header or query takes it for code."""

import re
from collections.abc import Iterator

import pytest
from flask import request

from tests.access.scene import Scene
from tests.access.table import FILE, lines_of, read
from tests.access.visitors import ACCOUNTS, Asking

Visitors = dict[str, Asking]

MARK = "zqx"
HOSTILE = (
    f"<script>{MARK}</script>",
    f"\"'><img src=x onerror={MARK}>",
    f"' OR 1=1; DROP TABLE referrals; -- {MARK}",
    f"{MARK}\r\nSet-Cookie: stolen=1",
    "{{ 7 * 191 }}" + MARK,
)
_CODE = re.compile(rf"<script>{MARK}|<img src=x onerror={MARK}|1337{MARK}")


def forms(scene: Scene) -> Iterator[tuple[str, str]]:
    """A column that may send each form of the site, and the rule it is sent to."""
    told = read(FILE.read_text())
    for method, rule in sorted(lines_of(scene.world)):
        ends_session = "sign-out" in rule or rule.startswith(("/api/", "/operations/"))
        allowed = [name for name in ACCOUNTS if told.get((method, rule), {}).get(name) == "+"]
        if method == "POST" and allowed and not ends_session:
            yield allowed[0], rule


def fields_of(page: str) -> set[str]:
    return set(re.findall(r'<(?:input|textarea|select)[^>]* name="([^"]+)"', page)) - {"csrf_token"}


def faults(visitor: Asking, path: str, hostile: str) -> list[str]:
    """What an answer takes for code, sent in every field of the form at once."""
    page = visitor.get(path)
    names = fields_of(page.text) if page.mimetype == "text/html" else set()
    answer = visitor.send(path, **dict.fromkeys(names or {"search", "reason", "note"}, hostile))
    if answer.headers.get("Location", "").startswith("/referrals/?search="):
        answer = visitor.get(answer.headers["Location"])
    found = ["an error"] if answer.status_code >= 500 else []
    found += ["a header"] if "stolen" in str(answer.headers) and "\r\nSet-Cookie: stolen" in str(answer.headers) else []
    return found + (["code"] if _CODE.search(answer.text) else [])


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
