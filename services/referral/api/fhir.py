"""The FHIR R4 view: read and search ServiceRequest and Task."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, json, request
from marshmallow import INCLUDE, Schema, ValidationError, fields

from chassis.i18n import mark as _
from chassis.web import audited, current_context, requires_token, shows, t
from chassis.web.openapi import Answer, described
from contracts.people import REFERRALS_READ
from services.referral.api import calls
from services.referral.forms.asking import Cursor, FhirQuery, Place, Wanted
from services.referral.queries import fhir
from services.referral.queries.fhir.finding import searched

blueprint = Blueprint("fhir", __name__, url_prefix="/api/fhir")
calls.prepare(blueprint)

CONTENT_TYPE = "application/fhir+json"
_MADE = {fhir.SERVICE_REQUEST: fhir.service_request, fhir.TASK: fhir.task}
#: the day on which what this interface can do was last changed
_RELEASED = "2026-11-23"


class FhirResource(Schema):
    """A resource of FHIR R4; HL7 defines its fields (hl7.org/fhir/R4)."""

    class Meta:
        unknown = INCLUDE

    resourceType = fields.String(required=True)  # as FHIR spells it


class OperationOutcome(FhirResource):
    """What went wrong, in FHIR's words."""

    issue = fields.List(fields.Dict(), required=True)


def _describes(summary: str, text: str, query: type[Schema] | None = None) -> Callable[[Any], Any]:
    return described(
        summary=summary,
        query=query,
        answers={200: Answer(text=text, body=FhirResource, content_type=CONTENT_TYPE)},
        problem=OperationOutcome,
        problem_type=CONTENT_TYPE,
    )


@blueprint.get("/metadata")
@_describes(_("What the FHIR interface can do"), _("A CapabilityStatement"))
def metadata() -> Response:
    """Public, as FHIR wants it."""
    return _answer(fhir.capabilities(_base(), _RELEASED))


@blueprint.get("/ServiceRequest/<reference>")
@audited("referral")
@requires_token(REFERRALS_READ)
@_describes(_("Read a referral as FHIR ServiceRequest"), _("The ServiceRequest"))
def read_service_request(reference: str) -> Response:
    return _read(fhir.SERVICE_REQUEST, reference)


@blueprint.get("/Task/<reference>")
@audited("referral")
@requires_token(REFERRALS_READ)
@_describes(_("Read how far a referral has come as FHIR Task"), _("The Task"))
def read_task(reference: str) -> Response:
    return _read(fhir.TASK, reference)


@blueprint.get("/ServiceRequest")
@audited("referral", lists=True)
@requires_token(REFERRALS_READ)
@_describes(_("Search referrals as FHIR ServiceRequest"), _("A Bundle of ServiceRequest"), FhirQuery)
def search_service_requests() -> Response:
    return _search(fhir.SERVICE_REQUEST)


@blueprint.get("/Task")
@audited("referral", lists=True)
@requires_token(REFERRALS_READ)
@_describes(_("Search referrals as FHIR Task"), _("A Bundle of Task"), FhirQuery)
def search_tasks() -> Response:
    return _search(fhir.TASK)


@blueprint.after_request
def _in_words_of_fhir(answer: Response) -> Response:
    """A problem document becomes an OperationOutcome."""
    if answer.mimetype != "application/problem+json":
        return answer
    told = _answer(fhir.outcome(json.loads(answer.get_data())))
    answer.set_data(told.get_data())
    answer.content_type = told.content_type
    return answer


def _read(resource: str, reference: str) -> Response:
    with current_context().reading() as session:
        found = fhir.find_one(session, reference, calls.areas())
    return _answer(_MADE[resource](found, _base(), t))


def _search(resource: str) -> Response:
    asked = FhirQuery().load(request.args.to_dict())
    _check_status(resource, asked["status"])
    wanted = Wanted(limit=asked["count"], after=asked["after"])
    conditions = searched(resource, asked["status"], asked["reference"])
    with current_context().reading() as session:
        page, following = fhir.find(session, calls.areas(), wanted, *conditions)
    shows(*(each.referral.reference for each in page))
    resources = [_MADE[resource](each, _base(), t) for each in page]
    next_page = _address(resource, following) if following else None
    return _answer(fhir.bundle(resources, _base(), _address(resource), next_page))


def _check_status(resource: str, status: str | None) -> None:
    if status is not None and status not in fhir.KNOWN[resource]:
        raise ValidationError({"status": [_("There is no such status.")]})


def _address(resource: str, following: Place | None = None) -> str:
    """The address of this search; with a place, that of its next page."""
    asked = request.args.to_dict()
    if following:
        asked["cursor"] = str(Cursor().serialize("at", {"at": following}))
    return f"{_base()}/{resource}?{urlencode(asked)}".rstrip("?")


def _base() -> str:
    return f"{current_context().settings.public_url}{blueprint.url_prefix}"


def _answer(resource: dict[str, Any]) -> Response:
    return Response(json.dumps(resource, ensure_ascii=False), content_type=f"{CONTENT_TYPE}; charset=utf-8")
