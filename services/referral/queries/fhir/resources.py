"""The resources themselves: nothing about the person but the referral's reference, and codes beside every word.

`base` is the address of the FHIR interface; `say` translates for the reader.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from services.referral.domain import Placement, Referral
from services.referral.queries.fhir.finding import Found
from services.referral.queries.fhir.statuses import SERVICE_REQUEST, TASK, statuses_of
from services.referral.queries.wording.names import Say, partner_name, reason_name
from services.referral.queries.wording.standing import STATES

Resource = dict[str, Any]

HOST = "oseo-valais"
_PRIORITIES = {"normal": "routine", "high": "urgent"}


def service_request(found: Found, base: str, say: Say) -> Resource:
    """What the CMS asks for."""
    referral = found.referral
    return _common(found, base, say) | {
        "resourceType": SERVICE_REQUEST,
        "status": statuses_of(referral).request,
        "intent": "order",
        "priority": _PRIORITIES[referral.application.urgency],
        "code": _measure(base),
        "subject": _person(referral, base),
        "performer": [_partner(HOST, base, say)],
    }


def task(found: Found, base: str, say: Say) -> Resource:
    """How far it has come, and who is at work on it."""
    referral = found.referral
    placement = referral.placement or Placement()
    made = _common(found, base, say) | {
        "resourceType": TASK,
        "status": statuses_of(referral).task,
        "businessStatus": _coded(base, "state", str(referral.state), say(STATES[referral.state][0])),
        "intent": "order",
        "priority": _PRIORITIES[referral.application.urgency],
        "code": _measure(base),
        "focus": {"reference": f"{SERVICE_REQUEST}/{referral.reference}"},
        "for": _person(referral, base),
        "lastModified": _moment(found.last_news),
        "owner": _partner(HOST, base, say),
    }
    if placement.reason and not referral.is_open and not referral.is_withdrawn:
        made["statusReason"] = _coded(base, "reason", placement.reason, reason_name(placement.reason, say))
    if placement.starts_on:
        made["executionPeriod"] = _period(placement)
    return made


def bundle(resources: Iterable[Resource], base: str, own: str, following: str | None) -> Resource:
    """A page of a search; `own` and `following` are addresses, the latter None where this is the last page."""
    links = [{"relation": "self", "url": own}] + ([{"relation": "next", "url": following}] if following else [])
    entries = [
        {"fullUrl": f"{base}/{each['resourceType']}/{each['id']}", "resource": each, "search": {"mode": "match"}}
        for each in resources
    ]
    made: Resource = {"resourceType": "Bundle", "type": "searchset", "link": links}
    return made | ({"entry": entries} if entries else {})  # FHIR knows no empty list


def outcome(problem: Mapping[str, Any]) -> Resource:
    """A problem document in the words of FHIR."""
    codes = {401: "login", 403: "forbidden", 404: "not-found", 409: "conflict", 422: "invalid", 503: "transient"}
    code = codes.get(problem["status"], "processing")
    said = [error["detail"] for error in problem.get("errors", ())] or [problem["detail"]]
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": code, "diagnostics": each} for each in said],
    }


def capabilities(base: str, released: str) -> Resource:
    """What this interface can do (CapabilityStatement)."""
    searches = [{"name": "identifier", "type": "token"}, {"name": "status", "type": "token"}]
    can = [{"code": "read"}, {"code": "search-type"}]
    resources = [{"type": each, "interaction": can, "searchParam": searches} for each in (SERVICE_REQUEST, TASK)]
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": released,
        "kind": "instance",
        "implementation": {"description": "Ancrage", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [{"mode": "server", "resource": resources}],
    }


def _common(found: Found, base: str, say: Say) -> Resource:
    referral = found.referral
    return {
        "id": referral.reference,
        "meta": {"lastUpdated": _moment(found.last_news)},
        "identifier": [{"system": f"{base}/referral", "value": referral.reference}],
        "authoredOn": _moment(referral.submitted_at),
        "requester": _partner(f"cms-{referral.cms_area}", base, say),
    }


def _person(referral: Referral, base: str) -> Resource:
    """The person by the referral: neither a name nor the pseudonym leaves here."""
    return {"type": "Patient", "identifier": {"system": f"{base}/person-of-referral", "value": referral.reference}}


def _partner(code: str, base: str, say: Say) -> Resource:
    identifier = {"system": f"{base}/partner", "value": code}
    return {"type": "Organization", "identifier": identifier, "display": partner_name(code, say)}


def _measure(base: str) -> Resource:
    return _coded(base, "measure", "ISA", "Insertion sociale active (ISA)")


def _coded(base: str, system: str, code: str, text: str) -> Resource:
    return {"coding": [{"system": f"{base}/{system}", "code": code, "display": text}], "text": text}


def _period(placement: Placement) -> Resource:
    last = {"end": placement.ended_on.isoformat()} if placement.ended_on else {}
    return {"start": placement.starts_on.isoformat() if placement.starts_on else None} | last


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
