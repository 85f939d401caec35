"""The whole way of a referral, merged from what each service knows."""

from typing import Any

from ancrage.commands.trace import tree
from console.trace import merge


def at(second: float) -> str:
    return f"2026-11-23T09:00:{second:09.6f}+00:00"


def sent(id: str, type: str, second: float, cause: str | None = None) -> dict[str, Any]:
    relayed = at(second + 0.01)
    times = {"committed_at": at(second), "relayed_at": relayed}
    return {"event_id": id, "type": type, "correlationid": "a", "causationid": cause, **times}


def handled(id: str, second: float, **other: Any) -> dict[str, Any]:
    told = {"event_id": id, "type": "t", "source": "referral", "received_at": at(second), "handled_at": at(second)}
    return {**told, "duration_ms": 2.0, "attempt": 1, "result": "handled", **other}


REFERRAL = {
    "service": "referral",
    "sent": [sent("a", "referral.submitted.v1", 1), sent("b", "referral.accepted.v1", 2, cause="a")],
    "handled": [handled("a", 1.5), handled("c", 2.2)],
}
#: its clock is a second slow
PLACEMENT = {
    "service": "placement",
    "sent": [sent("c", "placement.placed.v1", 1.2, cause="b")],
    "handled": [handled("b", 1.1)],
}


def test_causes_come_before_what_they_caused_whatever_the_clocks_say() -> None:
    assert [event["event_id"] for event in merge([PLACEMENT, REFERRAL])] == ["a", "b", "c"]


def test_each_event_says_who_published_it_and_who_handled_it() -> None:
    events = {event["event_id"]: event for event in merge([REFERRAL, PLACEMENT])}
    assert events["b"]["publisher"] == "referral"
    assert [each["service"] for each in events["b"]["handled"]] == ["placement"]
    assert [each["service"] for each in events["c"]["handled"]] == ["referral"]


def test_an_event_whose_publisher_cannot_be_asked_is_shown_all_the_same() -> None:
    (event,) = merge([{"service": "placement", "sent": [], "handled": [handled("b", 1)]}])
    assert event["publisher"] == "referral"
    assert event["committed_at"] is None


def test_a_failure_that_was_handled_in_the_end_counts_as_handled() -> None:
    parked = handled("b", 1, result="parked", error="ValueError", handled_at=None)
    (event,) = merge([{"service": "placement", "sent": [], "handled": [handled("b", 2), parked]}])
    assert [each["result"] for each in event["handled"]] == ["handled"]
    (event,) = merge([{"service": "placement", "sent": [], "handled": [parked]}])
    assert event["handled"][0]["error"] == "ValueError"


def test_events_that_cause_each_other_in_a_circle_end_all_the_same() -> None:
    circle = [sent("a", "t", 1, cause="b"), sent("b", "t", 2, cause="a")]
    assert len(merge([{"service": "referral", "sent": circle, "handled": []}])) == 2


def test_the_drawing_holds_every_event_and_every_handling() -> None:
    from rich.console import Console

    console = Console(width=200, record=True, file=open("/dev/null", "w"))  # noqa: SIM115 - records, writes nowhere
    console.print(tree("ISA-2026-000001", merge([REFERRAL, PLACEMENT])))
    drawn = console.export_text()
    assert "placement.placed.v1 by placement" in drawn
    assert "referral handled 1200" in drawn
    assert "committed 1000, relayed 1010" in drawn
