"""Every cell of `who_may_what.txt`: every address of every service, asked for by everybody there is."""

import re
from collections.abc import Mapping

import pytest

from tests.access.scene import Scene
from tests.access.table import FILE, Line, differences, found, lines_of, read, sign
from tests.access.visitors import ACCOUNTS, COLUMNS, NOBODY, TOKENS, Asking, Caller

Visitors = dict[str, Asking]


def test_everybody_may_do_what_the_table_says_and_nothing_else(scene: Scene, visitors: Visitors) -> None:
    told = read(FILE.read_text())
    assert all(tuple(cells) == COLUMNS for cells in told.values())
    assert differences(told, found(scene, visitors)) == []


def test_nobody_who_is_not_let_in_may_do_anything_but_come_in() -> None:
    """The table itself, held against the rules that it has to follow."""
    for (method, rule), cells in read(FILE.read_text()).items():
        described = ("/developers/", "/api/openapi.json", "/api/fhir/metadata")
        open_to_all = rule.startswith(("/account/", *described)) or rule.endswith("/health")
        assert cells[NOBODY] != "+" or open_to_all, (method, rule)
        if rule.startswith("/operations/") and not rule.endswith("/health"):
            assert {cells[column] for column in (*ACCOUNTS, NOBODY)} == {"t"}, rule
        if rule.startswith(("/referrals/<", "/retention/<")):
            assert {cells["other-cms"], cells["other-head"]} <= {"o", "-"}, rule


def test_an_address_without_a_line_is_found() -> None:
    told = read(FILE.read_text())
    line = ("GET", "/referrals/<reference>")
    less = {each: cells for each, cells in told.items() if each != line}
    assert differences(less, told) == ["GET /referrals/<reference>: is not in the table"]
    assert differences(told, less) == ["GET /referrals/<reference>: is in the table and nowhere else"]


def test_a_hole_is_found(scene: Scene, visitors: Visitors) -> None:
    """A page that lost its guard, as if somebody had removed the decorator."""
    line = ("GET", "/placement/participants/<reference>")
    views = scene.world.apps["placement"].view_functions
    guarded = views["people.person"]
    views["people.person"] = guarded.__wrapped__.__wrapped__  # type: ignore[attr-defined]  # below @audited and @requires
    try:
        cells = found(scene, visitors, [line])
    finally:
        views["people.person"] = guarded
    told = {line: read(FILE.read_text())[line]}
    assert len([each for each in differences(told, cells) if "gets E" in each or "gets +" in each]) >= 8


def test_a_hole_between_two_cms_is_found(scene: Scene, visitors: Visitors, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    line = ("GET", "/referrals/<reference>")
    monkeypatch.setattr("services.referral.queries.stories.within", lambda _areas: [])
    told = {line: read(FILE.read_text())[line]}
    assert differences(told, found(scene, visitors, [line])) == [
        f"{' '.join(line)}: {column} gets +, the table says o" for column in ("other-cms", "other-head")
    ]


def test_a_program_of_another_area_changes_nothing_however_well_it_asks(scene: Scene) -> None:
    """The table's forms are empty: here they are filled in."""
    elsewhere = Caller(scene.world, *TOKENS["t:elsewhere"])
    for reference in (scene.here, scene.refused):
        told = scene.told[reference]
        asked = {
            "withdrawal": elsewhere.send(f"/api/referrals/{reference}/withdrawal", reason="moved_away"),
            "correction": elsewhere.send(f"/api/referrals/{reference}", method="PUT", **told),
            "correction for itself": elsewhere.send(
                f"/api/referrals/{reference}", method="PUT", **told | {"cms_area": "sierre"}
            ),
        }
        assert {what: sign(answer) for what, answer in asked.items()} == dict.fromkeys(asked, "o"), reference
    assert sign(elsewhere.send("/api/referrals", **scene.told[scene.here])) == "-"


def test_another_cms_changes_nothing_however_well_it_asks(scene: Scene, visitors: Visitors) -> None:
    here = scene.here
    forms = {
        f"/referrals/{here}/withdraw": {"reason": "moved_away"},
        f"/referrals/{scene.refused}/correct": scene.told[scene.refused],
        scene.address("/messages/<uuid:id>/acknowledgement"): {},
    }
    for column, erasing in {"other-cms": "-", "other-head": "o"}.items():
        other = visitors[column]
        assert {path: sign(other.send(path, **form)) for path, form in forms.items()} == dict.fromkeys(forms, "o")
        assert sign(other.send(f"/retention/{here}", reason="person_asked", sure="yes")) == erasing


@pytest.mark.parametrize(
    "strange", ["00000000-0000-7000-8000-000000000000", "999999", "ISA-2026-999999", "%27", "x%00é"]
)
def test_what_is_not_there_is_not_found_and_never_an_error(scene: Scene, visitors: Visitors, strange: str) -> None:
    """Numbers that nobody has, and letters where numbers belong. What no store can hold is not even looked for."""
    refusals = {"-", "x"} if "%00" in strange else {"-", "o"}
    pages = [
        line for line in lines_of(scene.world) if line[0] == "GET" and not line[1].startswith(("/api/", "/operations/"))
    ]
    for path in sorted({re.sub("<[^>]+>", strange, rule) for _method, rule in pages if "<" in rule}):
        signs = {column: sign(visitors[column].get(path)) for column in ACCOUNTS}
        assert set(signs.values()) <= refusals, (path, signs)


#: what opens for nobody here, and where it is tried instead
ELSEWHERE = {
    "/account/first-password": "only between an initial password and one's own: test_identity",
    "/account/second-step": "only between a password and a second factor: test_second_factor",
    "/account/provider/": "only where one is set: test_provider",
    "/account/provider/back": "likewise",
    "/account/provider/leave": "likewise",
    "/account/sign-out": "leads to the sign-in page, as it should",
    "/account/sign-out-everywhere": "comes after the sign-out: test_identity",
    "/account/language": "an empty form chooses no language: test_identity",
    "/operations/<service>/failures/<int:id>": "nothing failed there; placement's is tried",
    "/operations/<service>/failures/<int:id>/<action>": "likewise",
}


def opening_for_nobody(told: Mapping[Line, Mapping[str, str]]) -> set[str]:
    """Lines without a +: whoever is kept out of them may be kept out by there being nothing."""
    closed = {rule for (_method, rule), cells in told.items() if "+" not in cells.values()}
    return {re.sub(r"^/operations/(?!placement)\w+/", "/operations/<service>/", rule) for rule in closed}


def test_every_address_opens_for_somebody_so_that_it_says_something_whom_it_refuses() -> None:
    assert opening_for_nobody(read(FILE.read_text())) == set(ELSEWHERE)


def test_an_address_that_opens_for_nobody_is_found() -> None:
    told = read(FILE.read_text())
    told["GET", "/audit/"] = dict.fromkeys(COLUMNS, "o")
    assert "/audit/" in opening_for_nobody(told)
