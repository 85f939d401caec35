"""The FHIR R4 view: every state has its statuses, every resource is valid, and nobody is named."""

from datetime import date

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.operationoutcome import OperationOutcome
from fhir.resources.R4B.servicerequest import ServiceRequest
from fhir.resources.R4B.task import Task

from contracts.people import REFERRALS_WRITE
from contracts.placement import PlacementEnded, PlacementPaused, PlacementPlaced, PlacementStarted, PlacementWaitlisted
from services.referral import handlers
from services.referral.domain import Placement, State, WithdrawReferral
from services.referral.queries import fhir
from tests.happenings import happened
from tests.integration.test_referral_api import Caller
from tests.unit.referral.answers import AREA, NOW, NUMBERS, draft

VALID = {"ServiceRequest": ServiceRequest, "Task": Task, "Bundle": Bundle, "OperationOutcome": OperationOutcome}
BASE = "http://127.0.0.1:8080/api/fhir"

#: (state, how it ended) -> Task.status, ServiceRequest.status: the table of the programme
EXPECTED = {
    (State.DRAFT, None): ("draft", "draft"),
    (State.SUBMITTED, None): ("requested", "active"),
    (State.INFORMATION_NEEDED, None): ("requested", "active"),
    (State.INELIGIBLE, None): ("rejected", "revoked"),
    (State.ACCEPTED, None): ("accepted", "active"),
    (State.WAITLISTED, None): ("accepted", "active"),
    (State.OFFERED, None): ("accepted", "active"),
    (State.PLACED, None): ("accepted", "active"),
    (State.ACTIVE, None): ("in-progress", "active"),
    (State.PAUSED, None): ("on-hold", "active"),
    (State.ENDED, "planned"): ("completed", "completed"),
    (State.ENDED, "found_work"): ("failed", "revoked"),
    (State.ENDED, "declined"): ("cancelled", "revoked"),
    (State.WITHDRAWN, None): ("cancelled", "revoked"),
    (State.ENTERED_IN_ERROR, None): ("entered-in-error", "entered-in-error"),
}


def asked(caller, path, answered=200, **query):
    """The resource that is answered, found valid."""
    answer = caller.http.get(f"/api/fhir/{path}", query_string=query or None, headers=caller.headers)
    assert answer.status_code == answered, answer.text
    assert answer.mimetype == "application/fhir+json"
    resource = answer.get_json(force=True)
    VALID[resource["resourceType"]].model_validate(resource)
    return resource


def _say(text, **params):
    return text % params if params else text


def in_state(state, how):
    referral = draft()
    referral.state = state
    if how:
        referral.placement = Placement(reason=how, planned=how == "planned", ended_on=date(2026, 12, 1))
    return fhir.Found(referral, NOW)


def test_the_table_holds_every_state():
    assert {state for state, _how in EXPECTED} == set(State)


@pytest.mark.parametrize(("state", "how"), EXPECTED)
def test_every_state_has_the_statuses_of_the_programmes_table(state, how):
    found = in_state(state, how)
    task, request = (make(found, BASE, _say) for make in (fhir.task, fhir.service_request))
    assert (task["status"], request["status"]) == EXPECTED[state, how]
    Task.model_validate(task)
    ServiceRequest.model_validate(request)


@pytest.fixture
def busy_house(house):
    """Referrals in five states: placed and active, waiting, not eligible, withdrawn, ended by the person."""
    for number, changes in enumerate([{}, {}, {"social_assistance": "no"}, {}]):
        house.submit(avs_number=NUMBERS[number], **changes)
    house.submit(avs_number="756.8377.8353.33")
    house.decide()
    first, second, _third, fourth, fifth = (f"ISA-2026-00000{number}" for number in range(1, 6))
    house.hear(happened(PlacementPlaced, first), happened(PlacementStarted, first))
    house.hear(happened(PlacementWaitlisted, second, position=1))
    house.do(handlers.withdraw_referral, fourth, WithdrawReferral(reason="health"), (AREA,))
    house.hear(happened(PlacementPlaced, fifth), happened(PlacementEnded, fifth, reason="declined", planned=False))
    return house


def found(caller, resource, **query):
    bundle = asked(caller, resource, **query)
    return [entry["resource"]["id"][-1] for entry in bundle.get("entry", ())]


def test_a_referral_is_read_as_request_and_task_that_belong_together(busy_house):
    caller = Caller(busy_house)
    request = asked(caller, "ServiceRequest/ISA-2026-000001")
    task = asked(caller, "Task/ISA-2026-000001")
    assert (request["status"], task["status"]) == ("active", "in-progress")
    assert task["focus"] == {"reference": "ServiceRequest/ISA-2026-000001"}
    assert task["for"] == request["subject"]
    assert task["businessStatus"]["coding"][0]["code"] == "active"
    assert (request["priority"], request["requester"]["display"]) == ("urgent", "CMS Sion-Hérens-Conthey")


def test_nobody_is_named_by_any_resource(busy_house):
    caller = Caller(busy_house)
    one = "ISA-2026-000001"
    told = "".join(
        str(asked(caller, path)) for path in ("Task", "ServiceRequest", f"Task/{one}", f"ServiceRequest/{one}")
    )
    pseudonyms = [row.pseudonym for row in busy_house.rows(busy_house.context.store.metadata.tables["pseudonyms"])]
    for secret in ("Délèze", "Zoé", "756.", "Source", "zoe@", "079", "1980", *pseudonyms):
        assert secret not in told


@pytest.mark.parametrize(
    ("resource", "status", "expected"),
    [
        ("Task", "in-progress", "1"),
        ("Task", "accepted", "2"),
        ("Task", "rejected", "3"),
        ("Task", "cancelled", "54"),
        ("Task", "failed", ""),
        ("Task", "completed", ""),
        ("ServiceRequest", "active", "21"),
        ("ServiceRequest", "revoked", "543"),
        ("ServiceRequest", "completed", ""),
    ],
)
def test_a_search_by_status_finds_what_has_that_status(busy_house, resource, status, expected):
    caller = Caller(busy_house)
    assert "".join(found(caller, resource, status=status)) == expected
    each = [entry["resource"]["status"] for entry in asked(caller, resource, status=status).get("entry", ())]
    assert set(each) <= {status}


def test_a_search_goes_on_by_the_links_of_its_pages(busy_house):
    caller = Caller(busy_house)
    seen, path, query = [], "Task", {"_count": 2}
    while True:
        bundle = asked(caller, path, **query)
        seen += [entry["resource"]["id"] for entry in bundle["entry"]]
        following = [link["url"] for link in bundle["link"] if link["relation"] == "next"]
        if not following:
            break
        path, query = following[0].partition("/api/fhir/")[2], {}
    assert seen == [f"ISA-2026-00000{number}" for number in (5, 4, 3, 2, 1)]


def test_a_search_by_identifier_finds_one_with_its_system_or_without(busy_house):
    caller = Caller(busy_house)
    assert found(caller, "Task", identifier="ISA-2026-000002") == ["2"]
    assert found(caller, "Task", identifier="any|ISA-2026-000002") == ["2"]
    assert found(caller, "Task", identifier="ISA-2026-999999") == []


def test_a_token_sees_what_it_sees_elsewhere_and_no_more(busy_house):
    stranger = Caller(busy_house, areas=("sierre",))
    asked(stranger, "Task/ISA-2026-000001", answered=404)
    assert found(stranger, "Task") == []
    asked(Caller(busy_house, scopes=(REFERRALS_WRITE,)), "Task/ISA-2026-000001", answered=403)


def test_what_cannot_be_done_is_told_in_words_of_fhir(small_house):
    caller = Caller(small_house)
    outcome = asked(caller, "Task", answered=422, _count="x")
    assert outcome["issue"][0]["code"] == "invalid"
    assert asked(caller, "Task/nonsense", answered=404)["issue"][0]["code"] == "not-found"
    caller.headers = {}
    assert asked(caller, "Task", answered=401)["issue"][0]["code"] == "login"


def test_an_unknown_status_is_refused(small_house):
    caller = Caller(small_house)
    answer = caller.http.get("/api/fhir/Task?status=lost", headers=caller.headers)
    assert (answer.status_code, answer.get_json(force=True)["resourceType"]) == (422, "OperationOutcome")


def test_what_the_interface_can_do_is_told_to_anybody(small_house):
    answer = Caller(small_house).http.get("/api/fhir/metadata")
    told = CapabilityStatement.model_validate(answer.get_json(force=True))
    assert [each.type for each in told.rest[0].resource] == ["ServiceRequest", "Task"]


def test_a_pause_and_an_end_tell_their_reason_where_one_is_due(small_house):
    reference = small_house.accepted()
    small_house.hear(happened(PlacementPlaced, reference), happened(PlacementStarted, reference))
    small_house.hear(happened(PlacementPaused, reference))
    assert asked(Caller(small_house), f"Task/{reference}")["status"] == "on-hold"
    small_house.hear(happened(PlacementEnded, reference, reason="found_work", planned=False))
    task = asked(Caller(small_house), f"Task/{reference}")
    assert task["statusReason"]["coding"][0]["code"] == "found_work"
    assert task["executionPeriod"]["end"]
