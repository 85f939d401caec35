"""The operators' console over services that run, fail and are down; the services are the chassis's toys."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient

from chassis import operations
from chassis.context import Context
from chassis.i18n import Catalogue
from chassis.testing import FrozenClock, World
from chassis.web import ended_in_store, make_app
from console.client import OperationsClient, operations_token
from console.web import create_app
from console.wiring import Console
from contracts.people import CMS, OPERATOR
from tests.migrated import bring_up
from tests.toy import Troubles, make_context, ping, ping_room, pong_room

REFERENCE = "ISA-2026-000001"


class House:
    """Two services under the names of real ones, a third that is down, and the console that asks them."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.troubles = FrozenClock(), Troubles()
        self.ping = make_context("referral", folder, clock=self.clock)
        self.pong = make_context("placement", folder, clock=self.clock)
        for context in (self.ping, self.pong):
            bring_up(context.store)
        self.world = World([ping_room(self.ping), pong_room(self.pong, self.troubles)])
        self.clients = {context.name: self.within(context) for context in (self.ping, self.pong)}

    def within(self, context: Context) -> OperationsClient:
        transport = httpx.WSGITransport(
            app=make_app(context, [], Catalogue("console"), session_check=ended_in_store(context))
        )
        return self.client_of(context.name, httpx.Client(base_url="http://localhost", transport=transport))

    def down(self, name: str) -> None:
        self.clients[name] = self.client_of(name, httpx.Client(base_url="http://127.0.0.1:9"))

    def client_of(self, name: str, http: httpx.Client) -> OperationsClient:
        return OperationsClient(name, http, lambda: operations_token(self.ping.settings, self.clock))

    def park(self) -> int:
        """A message that nobody can read is parked at once."""
        self.world.broker.put("placement", b"not JSON")
        self.world.settle()
        (failure,) = operations.failures(self.pong)
        return int(failure["id"])

    def visitor(self, role: str | None = OPERATOR) -> FlaskClient:
        visitor = create_app(
            Console(settings=self.ping.settings, clients=self.clients, ask_ended_sessions=dict, clock=self.clock)
        ).test_client()
        if role is not None:
            with visitor.session_transaction() as session:
                session["person"] = {"id": "7", "name": "Lena Ruppen", "role": role, "language": "fr"}
                session["began"] = session["seen"] = self.clock.now().timestamp()
        return visitor


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.ping.store.dispose()
    house.pong.store.dispose()


def send(visitor: FlaskClient, path: str, **form: str) -> Any:
    found = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get(path).text)
    assert found is not None
    return visitor.post(path, data={"csrf_token": found[1], **form})


@pytest.mark.parametrize(
    "path", ["/console/", "/console/failures/", "/console/failures/placement/1", "/console/trace/"]
)
def test_only_operators_and_administrators_see_the_console(house: House, path: str) -> None:
    assert house.visitor(role=None).get(path).status_code == 302
    assert house.visitor(role=CMS).get(path).status_code == 403


def test_a_service_that_is_down_is_said_to_be_and_the_others_are_shown(house: House) -> None:
    house.down("evaluation")
    ping(house.ping, REFERENCE, 1, 2)
    page = house.visitor().get("/console/")
    assert page.status_code == 200
    assert "Ne répond pas" in page.text
    assert re.search(r"Signalements.*?govuk-table__cell--numeric[^>]*><div>2", page.text, re.DOTALL)


def test_readiness_names_each_part_that_is_missing(house: House) -> None:
    house.down("evaluation")
    answer = house.visitor(role=None).get("/health/ready")
    assert answer.status_code == 503
    assert answer.json["ready"] is False
    assert answer.json["missing"] == [
        "referral: no worker",
        "placement: no worker",
        "evaluation: does not answer (ConnectError)",
    ]


def test_it_is_ready_when_every_service_has_a_worker_that_is(house: House) -> None:
    from chassis.vitals import Heart, Vitals

    for context in (house.ping, house.pong):
        Heart(context, Vitals(consuming=True, relaying=True)).beat()
    assert house.visitor(role=None).get("/health/ready").status_code == 200
    house.clock.move(minutes=1)
    assert house.visitor(role=None).get("/health/ready").status_code == 503


def test_the_overview_loads_itself_again_only_where_asked_to(house: House) -> None:
    visitor = house.visitor()
    assert "Refresh" not in visitor.get("/console/").headers
    assert visitor.get("/console/?refresh=1").headers["Refresh"] == "10"


def test_a_failure_is_listed_and_shown_with_its_cause_and_its_payload_masked(house: House) -> None:
    house.troubles.plan(3, *[ValueError("no such group")] * 10)
    ping(house.ping, REFERENCE, 3)
    house.world.settle()
    (failure,) = operations.failures(house.pong)
    visitor = house.visitor()
    path = f"/console/failures/placement/{failure['id']}"
    assert path in visitor.get("/console/failures/?state=retrying").text
    assert path not in visitor.get("/console/failures/?state=parked").text
    page = visitor.get(path).text
    assert "ValueError: no such group" in page
    assert "•••" in page
    assert REFERENCE in page


def test_an_operator_discards_a_failure_for_a_reason_that_is_kept_with_the_name(house: House) -> None:
    id, visitor = house.park(), house.visitor()
    path = f"/console/failures/placement/{id}"
    answer = send(visitor, path, action="discard", why="sent by hand, by mistake")
    assert answer.status_code == 303
    page = visitor.get(path).text
    assert "L’événement a été écarté." in page
    assert "Lena Ruppen (7)" in page
    assert "sent by hand, by mistake" in page
    kept = operations.failure(house.pong, id)
    assert kept is not None
    assert kept["state"] == "discarded"


def test_what_erases_a_person_can_be_tried_again_but_not_discarded_and_the_page_says_why(house: House) -> None:
    house.troubles.plan(3, *[ValueError("no such group")] * 10)
    ping(house.ping, REFERENCE, 3)
    house.world.settle()
    (failure,) = operations.failures(house.pong)
    path, visitor = f"/console/failures/placement/{failure['id']}", house.visitor()
    usual = visitor.get(path).text
    assert 'value="discard"' in usual
    assert "efface les données" not in usual
    house.pong.erasing = frozenset({failure["type"]})
    page = visitor.get(path).text
    assert 'value="retry"' in page
    assert 'value="discard"' not in page
    assert "efface les données" in page
    send(visitor, path, action="discard", why="in the way")
    assert "Ce n’est plus possible" in visitor.get(path).text
    assert operations.failures(house.pong)[0]["state"] == "retrying"


def test_a_decision_without_a_reason_is_refused_and_nothing_typed_is_lost(house: House) -> None:
    id, visitor = house.park(), house.visitor()
    answer = send(visitor, f"/console/failures/placement/{id}", action="retry", why="")
    assert answer.status_code == 422
    assert "Dites pourquoi" in answer.text
    assert re.search(r'value="retry"[^>]*checked', answer.text)
    assert operations.failures(house.pong)[0]["state"] == "parked"


def test_what_has_changed_meanwhile_is_told_instead_of_done(house: House) -> None:
    id, visitor = house.park(), house.visitor()
    path = f"/console/failures/placement/{id}"
    token = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get(path).text)
    assert token is not None
    operations.discard(house.pong, id, who="somebody else", why="first")
    visitor.post(path, data={"csrf_token": token[1], "action": "retry", "why": "second"})
    assert "Ce n’est plus possible" in visitor.get(path).text
    assert operations.failures(house.pong)[0]["state"] == "discarded"


def test_what_is_not_there_is_not_found(house: House) -> None:
    visitor = house.visitor()
    assert visitor.get("/console/failures/placement/99").status_code == 404
    assert visitor.get("/console/failures/nothing/1").status_code == 404
    assert visitor.get("/console/failures/?state=nothing").status_code == 404


def test_a_failure_of_a_service_that_is_down_is_said_to_be_out_of_reach(house: House) -> None:
    house.down("placement")
    answer = house.visitor().get("/console/failures/placement/1")
    assert answer.status_code == 503
    assert "Attribution des places ne répond pas" in answer.text


def test_the_way_of_a_referral_is_shown_across_services(house: House) -> None:
    house.down("evaluation")
    ping(house.ping, REFERENCE, 1)
    house.world.settle()
    page = house.visitor().get(f"/console/trace/?reference={REFERENCE.lower()}").text.replace("<wbr>", "")
    assert page.index("ping.pinged.v1") < page.index("pong.ponged.v1")
    assert re.search(r"Attribution des places, après 0\xa0ms", page)
    assert "Évaluation ne répond pas" in page


def test_a_handling_that_failed_is_shown_with_its_state_and_cause(house: House) -> None:
    house.troubles.plan(3, *[ValueError("no such group")] * 10)
    ping(house.ping, REFERENCE, 3)
    house.world.settle()
    page = house.visitor().get(f"/console/trace/?reference={REFERENCE}").text
    assert "Nouvelle tentative prévue" in page
    assert "ValueError" in page


def test_a_referral_that_nobody_knows_is_said_to_be_unknown(house: House) -> None:
    assert "Aucun service ne connaît" in house.visitor().get("/console/trace/?reference=ISA-2026-999999").text
