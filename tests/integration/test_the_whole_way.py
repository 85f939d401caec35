"""From the API to the last effect, on the embedded default and on RabbitMQ and PostgreSQL."""

import contextlib
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from kombu import Connection

from contracts.vocabulary import CMS_AREAS
from tests.problems import fields_of
from tests.system import System, body_of, sample, until

SERVICES = ("identity", "referral", "placement", "evaluation", "notification")
SETTLED = {"placed", "waitlisted", "ineligible", "information_needed"}


def _production(request: pytest.FixtureRequest) -> dict[str, str]:
    rabbitmq, postgres = request.getfixturevalue("rabbitmq"), request.getfixturevalue("postgres")
    databases = {f"ANCRAGE_{name.upper()}_DATABASE_URL": postgres.database() for name in SERVICES}
    return {"ANCRAGE_AMQP_URL": rabbitmq.url(), **databases}


@contextlib.contextmanager
def _running(folder: Path, environ: dict[str, str]) -> Iterator[System]:
    system = System(folder, environ)
    try:
        system.up()
        yield system
    finally:
        assert system.down() == 0


@pytest.fixture(scope="module", params=["embedded", "production"])
def system(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    environ = {} if request.param == "embedded" else _production(request)
    with _running(tmp_path_factory.mktemp(request.param) / "data", environ) as system:
        yield system


@pytest.fixture(scope="module")
def sent(system: System) -> dict[str, httpx.Response]:
    """The answers to all rows of the sample, by row number, when all have come to rest."""
    with system.api() as api:
        answers = {row["row"]: api.post("/api/referrals", json=body_of(row)) for row in sample()}
        references = [a.json()["reference"] for a in answers.values() if a.status_code == 201]
        until(lambda: all(_view(api, reference)["status"] in SETTLED for reference in references))
    return answers


def _view(api: httpx.Client, reference: str) -> dict[str, Any]:
    answer = api.get(f"/api/referrals/{reference}")
    assert answer.status_code == 200, answer.text
    view: dict[str, Any] = answer.json()
    return view


def _views(system: System, sent: dict[str, httpx.Response]) -> list[tuple[dict[str, str], dict[str, Any]]]:
    with system.api() as api:
        return [
            (row, _view(api, sent[row["row"]].json()["reference"]))
            for row in sample()
            if sent[row["row"]].status_code == 201
        ]


def test_every_row_of_the_sample_has_the_outcome_it_should(system: System, sent: dict[str, httpx.Response]) -> None:
    codes = {"invalid": 422, "duplicate": 409}
    for row in sample():
        assert sent[row["row"]].status_code == codes.get(row["expected"], 201), (row, sent[row["row"]].text)
        if row["expected"] == "invalid":
            assert list(fields_of(sent[row["row"]].json())) == [row["expected_because"]]
    for row, view in _views(system, sent):
        results = {criterion["code"]: criterion["result"] for criterion in view["criteria"]}
        assert len(results) == 7
        if row["expected"] == "eligible":
            assert view["status"] in ("placed", "waitlisted"), (row, view)
            assert set(results.values()) == {"met"}
        else:
            assert view["status"] == row["expected"], (row, view)
            undecided = "not_met" if row["expected"] == "ineligible" else "unknown"
            assert [code for code, result in results.items() if result != "met"] == [row["expected_because"]]
            assert results[row["expected_because"]] == undecided


def test_fifteen_are_placed_in_sion_and_the_rest_wait_by_urgency_then_time(
    system: System, sent: dict[str, httpx.Response]
) -> None:
    views = _views(system, sent)
    placed = Counter(view["placement"]["group"] for _, view in views if view["status"] == "placed")
    assert sorted(placed.values(), reverse=True)[0] == 15
    assert len(placed) == 2
    in_sion = [(row, view) for row, view in views if row["cms_area"] == "sion-herens-conthey"]
    assert sum(view["status"] == "placed" for _, view in in_sion) == 15
    waiting = sorted(
        ((view["placement"]["position"], row, view) for row, view in in_sion if view["status"] == "waitlisted"),
        key=lambda each: each[0],
    )
    assert [position for position, _, _ in waiting] == list(range(1, len(waiting) + 1))
    order = [(row["urgency"] != "high", view["reference"]) for _, row, view in waiting]
    assert order == sorted(order)
    assert all(view["placement"]["reason"] for _, _, view in waiting)


def test_the_partners_are_told_and_the_evaluation_enrols(system: System, sent: dict[str, httpx.Response]) -> None:
    view = next(v for r, v in _views(system, sent) if v["status"] == "placed" and r["evaluation_consent"] == "yes")
    with system.api() as api:
        events = lambda: {entry["event"] for entry in _view(api, view["reference"])["timeline"]}  # noqa: E731
        until(lambda: {"evaluation.enrolled.v1", "notification.delivered.v1"} <= events())
    assert all(entry["text"] and entry["at"] for entry in view["timeline"])


def test_a_withdrawn_referral_frees_its_place_for_the_first_who_waits(
    system: System, sent: dict[str, httpx.Response]
) -> None:
    views = [view for row, view in _views(system, sent) if row["cms_area"] == "sion-herens-conthey"]
    leaving = next(view for view in views if view["status"] == "placed")
    first = next(view for view in views if view["placement"]["position"] == 1)
    second = next(view for view in views if view["placement"]["position"] == 2)
    with system.api() as api:
        answer = api.post(f"/api/referrals/{leaving['reference']}/withdrawal", json={"reason": "person_declined"})
        assert answer.status_code in (200, 201), answer.text
        until(lambda: _view(api, first["reference"])["status"] == "placed")
        until(lambda: _view(api, second["reference"])["placement"]["position"] == 1)
        gone = until(lambda: _ended(_view(api, leaving["reference"])))
    assert gone["status"] == "withdrawn"
    placed = [v for r, v in _views(system, sent) if r["cms_area"] == "sion-herens-conthey" and v["status"] == "placed"]
    assert len(placed) == 15


def _ended(view: dict[str, Any]) -> dict[str, Any] | None:
    return view if "placement.ended.v1" in {entry["event"] for entry in view["timeline"]} else None


def test_the_trace_lists_every_event_with_its_times_and_results(
    system: System, sent: dict[str, httpx.Response]
) -> None:
    reference = next(view["reference"] for _, view in _views(system, sent) if view["status"] == "placed")
    events = until(lambda: _complete(system.json("trace", reference)))
    types = [event["type"] for event in events]
    assert types[:3] == ["referral.submitted.v1", "referral.accepted.v1", "placement.placed.v1"]
    publishers = {event["type"]: event["publisher"] for event in events}
    assert publishers["placement.placed.v1"] == "placement"
    handlers = {h["service"] for event in events if event["type"] == "placement.placed.v1" for h in event["handled"]}
    assert handlers == {"referral", "evaluation", "notification"}


def _complete(trace: dict[str, Any]) -> list[dict[str, Any]] | None:
    events: list[dict[str, Any]] = trace["events"]
    done = all(e["relayed_at"] and e["handled"] and all(h["result"] == "handled" for h in e["handled"]) for e in events)
    return events if done and any(e["type"] == "evaluation.enrolled.v1" for e in events) else None


def test_the_status_says_of_each_service_what_waits_and_what_failed(
    system: System, sent: dict[str, httpx.Response]
) -> None:
    until(lambda: all(s["outbox_waiting"] == 0 for s in _services(system)))
    services = _services(system)
    assert {s["service"] for s in services} == set(SERVICES)
    for service in services:
        assert service["failures"] == {"retrying": 0, "parked": 0, "waiting": 0, "discarded": 0}
        assert service["queue_depth"] == 0


def _services(system: System) -> list[dict[str, Any]]:
    services = system.json("status")["services"]
    return list(services.values()) if isinstance(services, dict) else services


@pytest.mark.parametrize("language", ["fr", "de"])
def test_bad_input_is_refused_with_the_code_that_means_it(
    system: System, sent: dict[str, httpx.Response], language: str
) -> None:
    good = body_of(sample()[0]) | {"avs_number": "756.1234.5678.97"}
    with system.api(language=language) as api:
        assert api.post("/api/referrals", content=b"{not json", headers=_JSON).status_code == 400
        unknown = api.post("/api/referrals", json=good | {"shoe_size": "42"})
        assert (unknown.status_code, list(fields_of(unknown.json()))) == (422, ["shoe_size"])
        assert api.post("/api/referrals", content=b"x" * 3_000_000, headers=_JSON).status_code == 413
        assert api.post("/api/referrals", json=good, headers={"Authorization": "Bearer no"}).status_code == 401
        assert api.get("/api/referrals/ISA-2026-999999").status_code == 404
    assert httpx.post(f"{system.url}/api/referrals", json=good).status_code == 401


_JSON = {"Content-Type": "application/json"}


def test_another_cmss_referral_is_not_found_and_sending_for_it_is_forbidden(
    system: System, sent: dict[str, httpx.Response]
) -> None:
    row, view = next((r, v) for r, v in _views(system, sent) if r["cms_area"] == "sion-herens-conthey")
    other = next(area for area in CMS_AREAS if area != row["cms_area"])
    with system.api(area=other) as api:
        assert api.get(f"/api/referrals/{view['reference']}").status_code == 404
        reason = {"reason": "person_declined"}
        assert api.post(f"/api/referrals/{view['reference']}/withdrawal", json=reason).status_code == 404
        assert api.post("/api/referrals", json=body_of(row)).status_code == 403


def test_a_person_may_be_referred_again_after_an_end(system: System, sent: dict[str, httpx.Response]) -> None:
    row, view = next((r, v) for r, v in _views(system, sent) if v["status"] == "waitlisted")
    with system.api() as api:
        assert api.post("/api/referrals", json=body_of(row)).status_code == 409
        api.post(f"/api/referrals/{view['reference']}/withdrawal", json={"reason": "other_solution"})
        assert api.post("/api/referrals", json=body_of(row)).status_code == 201


def test_with_the_broker_down_all_is_taken_and_arrives_when_it_is_back(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    rabbitmq = request.getfixturevalue("rabbitmq")
    with _running(tmp_path / "data", _production(request)) as system, system.api() as api:
        rabbitmq.stop()
        rows = [row for row in sample() if row["expected"] == "eligible"][:3]
        references = [api.post("/api/referrals", json=body_of(row)).json()["reference"] for row in rows]
        assert all(_view(api, reference)["status"] == "submitted" for reference in references)
        rabbitmq.start()
        until(lambda: all(_view(api, reference)["status"] == "placed" for reference in references))


def test_the_embedded_worker_killed_in_the_middle_loses_nothing_and_does_nothing_twice(tmp_path: Path) -> None:
    with _running(tmp_path / "data", {}) as system, system.api() as api:
        references = []
        for number, row in enumerate(sample()):
            answer = api.post("/api/referrals", json=body_of(row))
            if answer.status_code == 201:
                references.append(answer.json()["reference"])
            if number in (30, 60, 90):
                system.kill_worker()
                until(lambda: system.worker())
        until(lambda: all(_view(api, reference)["status"] in SETTLED for reference in references))
        until(lambda: all(s["outbox_waiting"] == 0 for s in _services(system)))
        for reference in references:
            told = Counter(entry["event"] for entry in _view(api, reference)["timeline"])
            once = {event: count for event, count in told.items() if not event.startswith("notification.")}
            assert set(once.values()) == {1}, (reference, once)


def test_bad_messages_put_on_a_queue_by_hand_are_parked_and_the_rest_goes_on(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    environ = _production(request)
    with _running(tmp_path / "data", environ) as system, system.api() as api:
        bad = [b"no json", _cloud_event("nobody.said.v1", {}), _cloud_event("referral.accepted.v1", {"region": 3})]
        with Connection(environ["ANCRAGE_AMQP_URL"]) as connection, connection.channel() as channel:
            for body in bad:
                channel.basic_publish(channel.prepare_message(body), "", "ancrage.placement.v1")
        row = next(row for row in sample() if row["expected"] == "eligible")
        reference = api.post("/api/referrals", json=body_of(row)).json()["reference"]
        until(lambda: _view(api, reference)["status"] == "placed")
        until(lambda: _parked(system, "placement") == 3)
        listed = system.run("failures", "list")
        for cause in ("Unreadable", "UnknownType", "StrangersMessage"):
            assert cause in listed


def _parked(system: System, service: str) -> int:
    return next(int(s["failures"]["parked"]) for s in _services(system) if s["service"] == service)


def _cloud_event(type: str, data: dict[str, Any]) -> bytes:
    import json

    envelope = {"specversion": "1.0", "id": str(uuid.uuid4()), "source": "hand", "type": type, "data": data}
    return json.dumps(envelope | {"subject": "ISA-2026-000001", "time": "2026-11-23T09:00:00+00:00"}).encode()
