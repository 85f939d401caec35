"""What a service answers the console, and to whom."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from chassis.crypto import issue_token
from chassis.settings import Settings
from chassis.store import failures, operator_actions
from chassis.testing import FrozenClock
from services.identity.web import create_app
from services.identity.wiring import IdentityContext, wire
from tests.migrated import bring_up
from tests.problems import fields_of

HOME = "/operations/identity"
BODY = b'{"specversion": "1.0", "data": {"contact": "Amandine"}}'


@pytest.fixture
def context(tmp_path: Path) -> Iterator[IdentityContext]:
    context = wire(Settings.read({}, data=tmp_path, create=True), clock=FrozenClock())
    bring_up(context.store)
    yield context
    context.store.dispose()


@pytest.fixture
def client(context: IdentityContext) -> FlaskClient:
    return create_app(context).test_client()


def bearer(context: IdentityContext, key: str | None = None, scope: str = "operations") -> dict[str, str]:
    claims = {"sub": "operator:lena", "scopes": [scope]}
    key = key or context.settings.keys.operations
    return {"Authorization": "Bearer " + issue_token(key, claims, context.clock.now(), timedelta(minutes=1))}


@pytest.fixture
def parked(context: IdentityContext) -> int:
    """Id of a failure that waits for an operator."""
    now = context.clock.now()
    row: dict[str, Any] = {
        "event_id": "e1", "type": "x.v1", "subject": "ISA-2026-000001", "source": "x", "body": BODY, "headers": {},
        "state": "parked", "attempts": 6, "error_type": "ValueError", "message": "no", "first_at": now, "last_at": now,
    }  # fmt: skip
    with context.store.writing() as session:
        return session.execute(sa.insert(failures).values(row).returning(failures.c.id)).scalar_one()


ADDRESSES = ("/status", "/failures", "/failures/1", "/trace?reference=ISA-2026-000001")


@pytest.mark.parametrize("address", ADDRESSES)
def test_only_the_console_is_answered(context: IdentityContext, client: FlaskClient, address: str) -> None:
    assert client.get(HOME + address).status_code == 401
    with_an_api_token = bearer(context, context.settings.keys.token)
    assert client.get(HOME + address, headers=with_an_api_token).status_code == 401, "another key"
    assert client.get(HOME + address, headers=bearer(context, scope="referrals:write")).status_code == 403


@pytest.mark.parametrize("action", ["retry", "discard", "edit"])
def test_nobody_else_acts(context: IdentityContext, client: FlaskClient, parked: int, action: str) -> None:
    body = {"why": "mended", "body": "{}"}
    assert client.post(f"{HOME}/failures/{parked}/{action}", json=body).status_code == 401
    stranger = bearer(context, scope="referrals:write")
    assert client.post(f"{HOME}/failures/{parked}/{action}", json=body, headers=stranger).status_code == 403


def test_health_is_told_to_anyone_and_tells_nothing_but_health(context: IdentityContext, client: FlaskClient) -> None:
    answer = client.get(f"{HOME}/health")
    assert (answer.status_code, answer.json) == (200, {"service": "identity", "store": "ok"})
    assert client.get("/health/live").json == {"status": "live"}


def test_a_store_that_does_not_answer_is_told_as_out_of_service(tmp_path: Path) -> None:
    told = {"ANCRAGE_IDENTITY_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    client = create_app(wire(Settings.read(told, data=tmp_path, create=True))).test_client()
    answer = client.get(f"{HOME}/health")
    assert (answer.status_code, answer.json) == (503, {"service": "identity", "store": "unreachable"})
    assert client.get("/health/live").status_code == 200, "this process lives all the same"


def test_a_page_whose_store_does_not_answer_says_to_come_back_later(tmp_path: Path) -> None:
    told = {"ANCRAGE_IDENTITY_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    client = create_app(wire(Settings.read(told, data=tmp_path, create=True))).test_client()
    answer = client.get("/account/sign-in", headers={"Accept-Language": "fr"})
    assert answer.status_code == 503
    assert "momentanément indisponible" in answer.text


def test_status_and_failures_are_told(context: IdentityContext, client: FlaskClient, parked: int) -> None:
    me = bearer(context)
    assert client.get(f"{HOME}/status", headers=me).json["failures"]["parked"] == 1
    listed = client.get(f"{HOME}/failures?state=parked", headers=me).json
    assert [each["id"] for each in listed] == [parked]
    assert client.get(f"{HOME}/failures?state=retrying", headers=me).json == []
    shown = client.get(f"{HOME}/failures/{parked}", headers=me)
    assert shown.json["message"] == "no"
    assert "Amandine" not in shown.text


@pytest.mark.parametrize(("action", "state"), [("retry", "retrying"), ("discard", "discarded"), ("edit", "retrying")])
def test_an_action_is_done_and_noted_with_who_and_why(
    context: IdentityContext, client: FlaskClient, parked: int, action: str, state: str
) -> None:
    body = {"why": "mended", "body": '{"new": 1}'}
    answer = client.post(f"{HOME}/failures/{parked}/{action}", json=body, headers=bearer(context))
    assert (answer.status_code, answer.json) == (200, {"id": parked, "state": state})
    with context.reading() as session:
        row = session.execute(sa.select(failures)).one()
        deed = session.execute(sa.select(operator_actions)).one()
    assert row.body == (b'{"new": 1}' if action == "edit" else BODY)
    assert (deed.who, deed.action, deed.why) == ("operator:lena", action, "mended")


def test_what_is_not_possible_is_refused_with_a_reason(
    context: IdentityContext, client: FlaskClient, parked: int
) -> None:
    me, path = bearer(context), f"{HOME}/failures/{parked}"
    assert client.post(f"{path}/discard", json={"why": "no use"}, headers=me).status_code == 200
    again = client.post(f"{path}/retry", json={"why": "after all"}, headers=me)
    assert (again.status_code, "discarded" in again.json["detail"]) == (409, True)
    assert client.post(f"{HOME}/failures/99/retry", json={"why": "x"}, headers=me).status_code == 404
    assert client.get(f"{HOME}/failures/99", headers=me).status_code == 404
    assert client.post(f"{path}/explode", json={"why": "x"}, headers=me).status_code == 404


def test_an_action_without_a_reason_is_refused(context: IdentityContext, client: FlaskClient, parked: int) -> None:
    path = f"{HOME}/failures/{parked}/edit"
    answer = client.post(path, json={"why": ""}, headers=bearer(context))
    assert answer.status_code == 422
    assert set(fields_of(answer.json)) == {"why", "body"}
    assert client.post(path, json=["why"], headers=bearer(context)).status_code == 400
