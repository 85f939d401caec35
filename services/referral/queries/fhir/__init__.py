"""A referral as FHIR R4 tells it: a ServiceRequest that asks, and a Task that says how far it has come."""

from services.referral.queries.fhir.finding import Found, find, find_one
from services.referral.queries.fhir.resources import bundle, capabilities, outcome, service_request, task
from services.referral.queries.fhir.statuses import KNOWN, SERVICE_REQUEST, STATUSES, TASK, statuses_of

__all__ = [
    "KNOWN",
    "SERVICE_REQUEST",
    "STATUSES",
    "TASK",
    "Found",
    "bundle",
    "capabilities",
    "find",
    "find_one",
    "outcome",
    "service_request",
    "statuses_of",
    "task",
]
