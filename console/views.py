"""What the console's pages show, from what the services answered."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis.i18n import ZURICH
from chassis.i18n import mark as _
from console.client import ServiceDown

#: state of a failure -> its name for people, and the colour of its tag
STATES = {
    "retrying": (_("Being retried"), "blue"),
    "waiting": (_("Waiting behind another"), "grey"),
    "parked": (_("Parked"), "red"),
    "discarded": (_("Discarded"), "grey"),
}
SERVICE_NAMES = {
    "referral": _("Referrals"),
    "placement": _("Placement"),
    "evaluation": _("Evaluation"),
    "notification": _("Messages"),
    "identity": _("Accounts"),
}
#: what an operator chooses from, where the service says that it is possible
CHOICES = {"retry": _("Try it again now"), "discard": _("Discard it: it shall not be handled")}
ACTIONS = {"retry": _("Retried"), "discard": _("Discarded"), "edit": _("Edited")}
#: what templates look names up in
GLOBALS = {"STATES": STATES, "SERVICE_NAMES": SERVICE_NAMES, "CHOICES": CHOICES, "ACTIONS": ACTIONS}


def overview(answers: Mapping[str, dict[str, Any] | ServiceDown]) -> list[dict[str, Any]]:
    """A line of the table for each service."""
    return [_down(name, each) if isinstance(each, ServiceDown) else _up(each) for name, each in answers.items()]


def _down(name: str, down: ServiceDown) -> dict[str, Any]:
    return {"service": name, "answers": False, "why": str(down)}


def _up(status: dict[str, Any]) -> dict[str, Any]:
    troubles = [worker["trouble"] for worker in status["workers"] if worker["fresh"] and worker.get("trouble")]
    seen = [moment(worker["seen_at"]) for worker in status["workers"]]
    return {
        **status,
        "answers": True,
        "worker_seen": max((each for each in seen if each), default=None),
        "worker_alive": any(worker["fresh"] for worker in status["workers"]),
        "trouble": troubles[0] if troubles else None,
    }


def failures(answers: Mapping[str, list[dict[str, Any]] | ServiceDown]) -> list[dict[str, Any]]:
    """The failures of all services that answered, the newest first."""
    listed = [
        {**failure, "service": name, "last_at": moment(failure["last_at"])}
        for name, answer in answers.items()
        if not isinstance(answer, ServiceDown)
        for failure in answer
    ]
    return sorted(listed, key=lambda failure: failure["last_at"], reverse=True)


def failure(service: str, answer: dict[str, Any]) -> dict[str, Any]:
    """One failure with its times as times, and what may be chosen (an edited body is for the command line)."""
    times = {name: moment(answer[name]) for name in ("first_at", "last_at", "next_attempt_at")}
    actions = [{**action, "at": moment(action["at"])} for action in answer["actions"]]
    possible = [action for action in CHOICES if action in answer["possible"]]
    return {**answer, **times, "service": service, "actions": actions, "possible": possible}


def way(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events of a trace with their times as times, and milliseconds from commit to relay and to handling."""
    return [_event(event) for event in events]


def _event(event: dict[str, Any]) -> dict[str, Any]:
    committed = moment(event["committed_at"])
    handled = [{**each, "after_ms": _ms(committed, moment(each["handled_at"]))} for each in event["handled"]]
    return {
        **event,
        "committed": committed,
        "relayed_ms": _ms(committed, moment(event["relayed_at"])),
        "handled": handled,
    }


def _ms(start: datetime | None, end: datetime | None) -> int | None:
    return None if start is None or end is None else round((end - start).total_seconds() * 1000)


def instant(at: datetime | None) -> str:
    """23.11.2026, 07:07:12.345 in Switzerland: much happens within a second."""
    if at is None:
        return ""
    local = at.astimezone(ZURICH)
    return f"{local:%d.%m.%Y, %H:%M:%S}.{local.microsecond // 1000:03d}"


def moment(text: str | None) -> datetime | None:
    """The instant that the services write as ISO 8601."""
    return datetime.fromisoformat(text) if text else None


def unreachable(answers: Mapping[str, Any]) -> list[str]:
    """The services that did not answer."""
    return [name for name, answer in answers.items() if isinstance(answer, ServiceDown)]
