"""The whole way of a referral, out of what each service knows of it. Standard library only."""

from collections.abc import Iterable
from typing import Any

Part = dict[str, Any]
TracedEvent = dict[str, Any]

_OF_AN_EVENT = ("event_id", "type", "committed_at", "relayed_at", "causationid", "correlationid")
_OF_A_HANDLING = ("received_at", "handled_at", "duration_ms", "attempt", "result")


def merge(parts: Iterable[Part]) -> list[TracedEvent]:
    """Every event of a referral, causes before what they caused and otherwise in the order of commit.

    `parts` are `chassis.operations.trace` of each service. An event is `{event_id, type, publisher, committed_at,
    relayed_at, causationid, correlationid, handled: [{service, received_at, handled_at, duration_ms, attempt,
    result[, error]}]}`, times ISO 8601; `committed_at` is None where the publisher's store could not be asked.
    """
    parts = list(parts)
    events = {sent["event_id"]: _event(part["service"], sent) for part in parts for sent in part["sent"]}
    for part in parts:
        for handled in part["handled"]:
            event = events.setdefault(handled["event_id"], _unknown(handled))
            _add_handling(event, part["service"], handled)
    return _causes_first(events)


def _event(publisher: str, sent: dict[str, Any]) -> TracedEvent:
    return {**{name: sent[name] for name in _OF_AN_EVENT}, "publisher": publisher, "handled": []}


def _unknown(handled: dict[str, Any]) -> TracedEvent:
    """An event that a subscriber has, and no store that was asked has sent."""
    told = {"event_id": handled["event_id"], "type": handled["type"], "publisher": handled["source"], "handled": []}
    return dict.fromkeys(_OF_AN_EVENT) | told


def _add_handling(event: TracedEvent, service: str, handled: dict[str, Any]) -> None:
    """A failure that was handled in the end leaves two rows: the handling counts."""
    known = next((each for each in event["handled"] if each["service"] == service), None)
    if known is None:
        error = {"error": handled["error"]} if handled.get("error") else {}
        event["handled"].append({"service": service, **{name: handled[name] for name in _OF_A_HANDLING}, **error})


def _causes_first(events: dict[str, TracedEvent]) -> list[TracedEvent]:
    """Clocks of several machines differ by more than a handler takes: cause before time."""
    waiting = sorted(events.values(), key=_moment)
    ordered: list[TracedEvent] = []
    told: set[str] = set()
    while waiting:
        free = (each for each in waiting if each["causationid"] not in events or each["causationid"] in told)
        following = next(free, waiting[0])
        waiting.remove(following)
        told.add(following["event_id"])
        ordered.append(following)
    return ordered


def _moment(event: TracedEvent) -> str:
    first = [event["committed_at"], *(each["received_at"] for each in event["handled"])]
    return min((moment for moment in first if moment), default="")
