"""One page and one file that tell who saw what in all services; a head reads what concerns the own CMS."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from chassis import audit
from chassis.web import Person
from console.client import OperationsClient, ServiceDown
from console.deeds import ACTIONS, about, done, organisation, who
from contracts import people
from services.evaluation.store import participations as followed
from tests.plans import plans
from tests.together import Together

AREA = "sion-herens-conthey"
KEEPER = Person(id="account-1", name="Olivier Métrailler", role=people.ADMINISTRATOR)
WORKER = Person(id="account-2", name="Anne Rey", role=people.CMS, areas=(AREA,), partner=f"cms-{AREA}")
HEAD = Person(id="account-3", name="Jean Praz", role=people.CMS, areas=(AREA,), rights=(people.HEAD,))
OTHER_HEAD = Person(id="account-4", name="Luc Roh", role=people.CMS, areas=("sierre",), rights=(people.HEAD,))
EVALUATOR = Person(id="account-6", name="Marc Steiner", role=people.EVALUATOR, partner="hes-so")
HOST = Person(id="account-5", name="Claire Fournier", role=people.OSEO, partner="oseo-valais")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Together]:
    world = Together(tmp_path)
    yield world
    world.close()


@pytest.fixture
def reference(world: Together) -> str:
    """Somebody placed in Sion, whom a social worker and the host have looked at; somebody else elsewhere."""
    reference, _body = world.refer()
    elsewhere, _body = world.refer(region="bas-valais")
    world.settle()
    assert world.visitor(WORKER).get(f"/referrals/{reference}").status_code == 200
    world.clock.move(seconds=2)
    assert world.visitor(HOST).get(f"/placement/participants/{reference}").status_code == 200
    assert world.visitor(HOST).get(f"/placement/participants/{elsewhere}").status_code == 200
    return reference


def test_an_administrator_reads_what_all_services_noted(world: Together, reference: str) -> None:
    page = world.visitor(KEEPER).get("/audit/").text
    assert all(each in page for each in (reference, "account-2", "account-5", "Consultation", "OSEO Valais"))


def test_a_head_reads_of_the_own_cms_whoever_it_was(world: Together, reference: str) -> None:
    page = world.visitor(HEAD).get("/audit/").text
    assert page.count(reference) == 2
    assert "ISA-2026-000002" not in page
    assert reference not in world.visitor(OTHER_HEAD).get("/audit/").text


def test_a_head_gets_no_more_by_asking_for_it(world: Together, reference: str) -> None:
    for more in ("?areas=sion-herens-conthey", f"?reference={reference}", "?account=account-5"):
        assert "Rien n’a été noté pour cela." in world.visitor(OTHER_HEAD).get(f"/audit/{more}").text, more
    assert reference not in world.visitor(OTHER_HEAD).get("/audit/audit.csv").text


@pytest.fixture
def pseudonym(world: Together, reference: str) -> str:
    """Of somebody whom HES-SO has looked at twice; it has looked at the list as well."""
    world.settle()
    evaluator = world.visitor(EVALUATOR)
    with world.contexts["evaluation"].reading() as session:
        pseudonym = str(session.scalars(sa.select(followed.c.pseudonym).order_by(followed.c.pseudonym)).first())
    for path in (pseudonym, pseudonym, ""):
        assert evaluator.get(f"/evaluation/participants/{path}").status_code == 200
    return pseudonym


def test_keepers_read_a_mark_where_hes_so_looked_at_somebody(world: Together, pseudonym: str) -> None:
    keeper = world.visitor(KEEPER)
    page, file = keeper.get("/audit/").text, keeper.get("/audit/audit.csv").text
    mark = world.contexts["evaluation"].mark_of(pseudonym)
    assert pseudonym not in page + file
    assert len([row for row in csv.DictReader(io.StringIO(file)) if mark in row["references"].split()]) == 3
    assert mark in page


def test_no_search_finds_what_hes_so_looked_at(world: Together, pseudonym: str) -> None:
    keeper = world.visitor(KEEPER)
    for asked in (pseudonym, world.contexts["evaluation"].mark_of(pseudonym)):
        assert "Rien n’a été noté pour cela." in keeper.get(f"/audit/?reference={asked}").text
    assert "Rien" not in keeper.get("/audit/?account=account-6").text


def test_the_rows_themselves_stay_as_they_were_chained(world: Together, pseudonym: str) -> None:
    evaluation = world.contexts["evaluation"]
    audit.seal(evaluation)
    world.visitor(KEEPER).get("/audit/")
    verdict = audit.verify(evaluation)
    assert (verdict.broken, verdict.rows) == (None, 3)
    assert len(audit.read(evaluation, audit.Asked(reference=pseudonym), limit=9)) == 3, "for whoever runs the machine"


@pytest.mark.parametrize("person", [WORKER, HOST])
def test_nobody_else_reads_it(world: Together, person: Person) -> None:
    assert world.visitor(person).get("/audit/").status_code == 403
    assert world.visitor(person).get("/audit/audit.csv").status_code == 403


@pytest.mark.parametrize(
    ("asked", "rows"),
    [
        ("reference=isa-2026-000001", 2), ("account=account-5", 2), ("action=see", 3), ("action=erase", 0),
        ("since=23.11.2026", 3), ("until=22.11.2026", 0), ("since=2026-11-24", 0), ("reference=&account=nobody", 0),
    ],
)  # fmt: skip
def test_the_address_says_what_is_looked_for(world: Together, reference: str, asked: str, rows: int) -> None:
    file = world.visitor(KEEPER).get(f"/audit/audit.csv?{asked}").text
    assert len(list(csv.DictReader(io.StringIO(file)))) == rows


def test_a_day_that_is_none_is_said_beside_its_field(world: Together) -> None:
    answer = world.visitor(KEEPER).get("/audit/?since=gestern")
    assert answer.status_code == 422
    assert "Écrivez la date" in answer.text


def test_pages_of_several_services_fit_together(world: Together, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(12):
        for service in ("placement", "referral"):
            _note(world, service, f"ISA-2026-{number:06d}")
        if number % 4:
            world.clock.move(seconds=1)
    monkeypatch.setattr("console.audit.AT_ONCE", 5)
    rows = list(csv.DictReader(io.StringIO(world.visitor(KEEPER).get("/audit/audit.csv").text)))
    told = [(row["service"], row["references"]) for row in rows]
    assert len(told) == len(set(told)) == 24
    assert [row["at"] for row in rows] == sorted((row["at"] for row in rows), reverse=True)


def _note(world: Together, service: str, reference: str, account: str = "a") -> None:
    context = world.contexts[service]
    deed = audit.Deed(
        kind="referral", action="", who=lambda: audit.Actor(account=account, role="cms"), references=[reference]
    )
    with context.store.writing() as session:
        audit.note(context, session, deed, "see", audit.ALLOWED, world.clock.now())


def test_a_file_breaks_off_where_a_service_stops_answering_and_is_none_where_one_never_did(
    world: Together, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        _note(world, "referral", f"ISA-2026-{number:06d}")
        world.clock.move(seconds=1)
    monkeypatch.setattr("console.audit.AT_ONCE", 2)
    asked, answers = OperationsClient.audit, iter([True] * 6)

    def stopping(self: OperationsClient, what: dict[str, str]) -> list[dict[str, object]]:
        if not next(answers, False):
            raise ServiceDown
        return asked(self, what)

    monkeypatch.setattr(OperationsClient, "audit", stopping)
    with pytest.raises(ServiceDown):
        world.visitor(KEEPER).get("/audit/audit.csv").get_data()
    assert world.visitor(KEEPER).get("/audit/audit.csv").status_code == 503


def test_a_heads_page_comes_out_of_indexes(world: Together) -> None:
    referral = world.contexts["referral"]
    with plans(referral.store, ("audit",)) as taken:
        audit.read(referral, audit.Asked(areas=[AREA, "sierre"]), 51)
    (plan,) = taken
    assert plan.text.count("ix_audit_area_at (area=?)") == 2
    assert "ix_audit_reference_at (reference=?)" in plan.text, "lists have none"
    assert plan.text.count("TEMP B-TREE") <= 1, "the first rows of each are put in one order"


def test_a_file_starts_no_formula(world: Together) -> None:
    _note(world, "referral", "ISA-2026-000001", account='=HYPERLINK("http://evil.example")')
    (row,) = csv.DictReader(io.StringIO(world.visitor(KEEPER).get("/audit/audit.csv").text))
    assert row["account"].startswith("'=")


def test_there_are_words_for_all_that_is_noted(world: Together) -> None:
    codes = {
        view.audited[1]
        for app in world.apps.values()
        for view in app.view_functions.values()
        if hasattr(view, "audited")
    }
    assert codes | {"see", "list"} <= set(ACTIONS)


def test_who_saw_a_form_has_not_noted_what_it_notes(world: Together) -> None:
    reference, _body = world.refer()
    world.settle()
    host = world.visitor(HOST)
    host.get(f"/placement/participants/{reference}/start")
    assert "Consultation (formulaire\u00a0: première présence)" in world.visitor(KEEPER).get("/audit/").text


def test_the_page_shows_words_and_names_instead_of_codes_and_ids(world: Together) -> None:
    id = "0f9d3c52-7a35-4f0e-9b0a-2f4f5c1f9a11"
    with world.apps["console"].test_request_context():
        assert done({"action": "change", "detail": "end"}) == "Saisie\u00a0: fin"
        assert about({"kind": "token", "references": [id]}, {}) == ["Jeton 5c1f9a11"]
        assert about({"kind": "account", "references": [id]}, {id: "Anne Rey"}) == ["Anne Rey"]
        assert about({"kind": "referral", "references": ["ISA-2026-000001"]}, {}) == ["ISA-2026-000001"]
        assert organisation({"role": "partner", "organisation": "ville-de-sion"}) == ["Partenaire", "Ville de Sion"]
        assert organisation({"role": "token", "organisation": "sierre"}) == ["Autre système", "CMS Sierre"]
        assert who({"account": "integration:CMS Sierre"}, {}) == "CMS Sierre"
