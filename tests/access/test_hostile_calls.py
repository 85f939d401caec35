"""What programs send: no call, header, cursor or moment breaks anything on either database."""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import pytest

from services.referral.forms import asking, inputs
from tests.access.scene import Scene
from tests.access.table import Line, lines_of
from tests.access.test_hostile_strings import HOSTILE, MARK
from tests.access.visitors import Caller

Callers = Mapping[str, Caller]

SURROGATE = f"{MARK}\ud800"
DEEP = "[" * 100_000
#: values that JSON can say and that no field expects
VALUES = (
    *HOSTILE,
    SURROGATE,
    MARK * 30_000,
    10**400,
    -(2**70),
    1e308,
    True,
    None,
    [],
    {},
    [SURROGATE],
    {"a": {"a": 1}},
)
#: bodies that are no JSON, or hardly
BODIES = (b"", b"\xff\xfe", b'"\\ud800"', b"NaN", b"1e999", b"[]", b"null", b"9" * 5000, DEEP.encode(), b'{"reason":')
#: moments that no store can hold
MOMENTS = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-24T00:00:00", "2026-11-24", "", "\x00")
NOW = "2026-11-24T00:00:00+00:00"


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


#: where a page ended, made up
CURSORS = (
    *(encoded(json.dumps([moment, "ISA-2026-000001"])) for moment in MOMENTS),
    *(encoded(json.dumps([NOW, each])) for each in (SURROGATE, "\x00", 9, None, "x" * 5000)),
    *(encoded(each) for each in ("[]", "{}", "9" * 5000, DEEP[:20_000])),
    "\ud800", "é", "*", "====",
)  # fmt: skip


@pytest.fixture(scope="session")
def scene(either_scene: Scene) -> Scene:
    return either_scene


def callers(visitors: Mapping[str, Any]) -> Callers:
    return {name: visitor for name, visitor in visitors.items() if isinstance(visitor, Caller)}


def sending(scene: Scene) -> list[Line]:
    return [
        line for line in lines_of(scene.world) if line[0] != "GET" and line[1].startswith(("/api/", "/operations/"))
    ]


def broken(answers: Mapping[str, Any]) -> list[str]:
    return [what for what, answer in answers.items() if answer.status_code >= 500]


def said(scene: Scene, line: Line) -> dict[str, Any]:
    """What the call says when it is well."""
    if "operations" in line[1]:
        return {"who": "somebody", "why": "to see", "body": "{}"}
    return (
        {"reason": "other", "reason_text": "Autre."} if line[1].endswith("/withdrawal") else scene.told[scene.refused]
    )


def answers_to_values(scene: Scene, caller: Caller, line: Line) -> dict[str, Any]:
    """Each field of the call hostile in turn, by each value."""
    path, well = scene.address(line[1]), said(scene, line)
    return {
        f"{' '.join(line)}: {name} {str(value)[:20]!r}": caller.send(path, method=line[0], **well | {name: value})
        for name in well
        for value in VALUES
    }


def test_no_value_of_a_call_breaks_anything(scene: Scene, visitors: Mapping[str, Any]) -> None:
    lines = sending(scene)
    assert len(lines) >= 8
    for line in lines:
        caller = callers(visitors)["t:console" if "operations" in line[1] else "t:write"]
        assert broken(answers_to_values(scene, caller, line)) == []


def test_a_value_that_no_store_can_hold_would_be_found(
    scene: Scene, visitors: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "_CONTROL", re.compile("(?!)"))
    found = broken(answers_to_values(scene, callers(visitors)["t:write"], ("POST", "/api/referrals")))
    assert any("family_name" in each for each in found)


def test_no_body_breaks_anything(scene: Scene, visitors: Mapping[str, Any]) -> None:
    for method, rule in sending(scene):
        caller = callers(visitors)["t:console" if "operations" in rule else "t:write"]
        sent = {f"{rule}: {body[:20]!r}": caller.send_raw(scene.address(rule), body, method) for body in BODIES}
        assert broken(sent) == []


LISTS = ("/api/referrals", "/api/fhir/ServiceRequest", "/api/fhir/Task")


def answers_to_cursors(caller: Caller) -> dict[str, Any]:
    asked = [f"{path}?cursor={quote(each, errors='surrogatepass')}" for path in LISTS for each in CURSORS]
    return {path: caller.get(path) for path in asked}


def test_no_made_up_cursor_breaks_anything(visitors: Mapping[str, Any]) -> None:
    assert broken(answers_to_cursors(callers(visitors)["t:read"])) == []


def test_a_cursor_that_is_believed_would_be_found(visitors: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def believing(_self: Any, value: Any, *_more: Any, **_options: Any) -> Any:
        return json.loads(base64.urlsafe_b64decode(value.encode()))

    monkeypatch.setattr(asking.Cursor, "_deserialize", believing)
    assert broken(answers_to_cursors(callers(visitors)["t:read"]))


@pytest.mark.parametrize("moment", MOMENTS)
def test_no_moment_breaks_anything(scene: Scene, visitors: Mapping[str, Any], moment: str) -> None:
    asked = {
        "admin": [f"/audit/?after={quote(moment)},referral,1", "/audit/?since=1.1.0001", "/audit/?until=31.12.9999"],
        "cms": [f"/referrals/?{name}={quote(moment)}~ISA-2026-000001" for name in ("after", "before")],
        "t:console": [f"/operations/referral/audit?{name}={quote(moment)}" for name in ("since", "until")],
    }
    answers = {path: visitors[name].get(path) for name, paths in asked.items() for path in paths}
    assert broken(answers) == []
    assert not [path for path, answer in answers.items() if "ne répond pas" in answer.text], "a service refused it"


@pytest.mark.parametrize("name", ["Idempotency-Key", "Accept-Language", "X-Request-ID", "traceparent", "Content-Type"])
def test_no_header_breaks_anything(scene: Scene, visitors: Mapping[str, Any], name: str) -> None:
    caller = callers(visitors)["t:write"]
    values = (*HOSTILE[:3], "\x7f", "é" * 300, "9" * 5000, "*;q=x", "")
    sent = {
        f"{name}: {value[:20]!r}": caller.send_raw("/api/referrals", b"{}", headers={name: value}) for value in values
    }
    assert broken(sent) == []
