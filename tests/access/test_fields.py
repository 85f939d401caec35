"""Every cell of `who_sees_what.txt`: each field of a person, looked for in all that anybody can be shown."""

from tests.access.fields import FILE, found, read_all, values_of
from tests.access.scene import Scene
from tests.access.table import differences, read
from tests.access.visitors import COLUMNS, Asking

Visitors = dict[str, Asking]
#: of a person with a name, nothing of this may ever be seen by these
NEVER = ("name", "contact", "birth-date", "avs-number", "assessment", "needs", "urgency")
STRANGERS = (
    "other-cms", "ville", "other-ville", "sas", "hes-so", "operator", "admin", "nobody", "t:elsewhere", "t:console",
)  # fmt: skip
#: who belongs to Sion, and who to Bas-Valais: neither sees anything of the other's
HERE, THERE = ("cms", "head", "ville", "t:read", "t:write"), ("other-head", "other-ville")


def test_nobody_sees_more_than_the_table_says(scene: Scene, visitors: Visitors) -> None:
    assert differences(read(FILE.read_text()), found(scene, visitors)) == []


def test_the_table_keeps_to_what_each_partner_may_see() -> None:
    """The programme's rules, held against the table."""
    for (person, field), cells in read(FILE.read_text()).items():
        assert tuple(cells) == COLUMNS
        if field in NEVER:
            assert {cells[each] for each in STRANGERS} == {"-"}, (person, field)
        others = HERE if person == "elsewhere" else THERE
        assert {cells[each] for each in others} == {"-"}, (person, field)
        if field in ("avs-number", "assessment", "birth-date"):
            assert cells["oseo"] == "-", (person, field)
        if person in ("waiting", "refused") and field in ("name", "contact", "needs"):
            assert cells["oseo"] == "-", "the host knows whom it receives, and nobody else"
        if field == "reference":
            assert cells["hes-so"] == cells["sas"] == "-", person
        if field == "pseudonym":
            assert {column for column, sign in cells.items() if sign == "+"} <= {"hes-so"}, person


def test_what_is_shown_is_found(scene: Scene, visitors: Visitors) -> None:
    """The search itself: the CMS reads all of its own person, and a template that says too much is noticed."""
    text = read_all(visitors["cms"], scene)
    own = values_of(scene, scene.here)
    assert all(any(value in text for value in own[field]) for field in ("name", "contact", "birth-date", "assessment"))
    assert own["pseudonym"][0] not in text


def test_an_audit_that_names_pseudonyms_is_found(scene: Scene, visitors: Visitors, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    pseudonym = values_of(scene, scene.here)["pseudonym"][0]
    assert pseudonym in read_all(visitors["hes-so"], scene)
    monkeypatch.setattr(scene.world.contexts["evaluation"], "mark_of", None)
    assert pseudonym in visitors["admin"].get("/audit/").text
    assert pseudonym in visitors["t:console"].get("/operations/evaluation/audit").text


def test_a_page_that_says_too_much_is_found(scene: Scene, visitors: Visitors, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """The waiting list with names, as a well-meant change would have it."""
    from services.placement.web import contacts, lists

    monkeypatch.setattr(lists, "urgency_reason_of", lambda each, opener: str(contacts._opened(each, opener)))
    text = read_all(visitors["oseo"], scene)
    assert values_of(scene, scene.waiting)["name"][0] in text
    assert read(FILE.read_text())["waiting", "name"]["oseo"] == "-"
