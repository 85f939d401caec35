"""`ancrage failures` on the stores of the real services, as an operator types it."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ancrage import house
from ancrage.trouble import Exit
from chassis import failures, operations
from chassis.clock import uuid7
from chassis.context import Context
from chassis.envelope import Envelope
from chassis.message import AgainstSchema, Delivery, Message, Unreadable, read
from chassis.settings import Settings
from contracts.evaluation import EvaluationWaveDue
from tests.plant.server import PATIENCE

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
REFERENCE = "ISA-2026-000001"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the stores of all services."""
    folder = tmp_path_factory.mktemp("system")
    Settings.read({}, data=folder, create=True)
    done = ancrage(folder, "migrate")
    assert done.returncode == 0, done.stderr
    return folder


def ancrage(folder: Path, *arguments: str, given: str | None = None) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "ancrage", *arguments, "--data", str(folder)]
    environment = {"USER": "lena", "LOGNAME": "lena", "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, input=given, env=environment)


@pytest.fixture
def placement(data: Path) -> Context:
    return house.wire("placement", Settings.read({}, data=data))


def wave_due() -> bytes:
    event = EvaluationWaveDue(reference=REFERENCE, pseudonym="P-1234", wave="m3", due_on=date(2026, 12, 1))
    id = uuid7()
    envelope = Envelope(
        id=id,
        source="evaluation",
        type=event.TYPE,
        subject=REFERENCE,
        time=NOW,
        data=event.to_data(),
        correlationid=id,
        causationid=None,
    )
    return envelope.encode()


def park(context: Context, body: bytes, error: Exception) -> int:
    message = read(Delivery(body), {EvaluationWaveDue.TYPE: EvaluationWaveDue})
    with context.store.writing() as session:
        failures.record(context.store, session, message, error, 1, NOW)
    return newest(context, message)


def newest(context: Context, message: Message) -> int:
    return next(int(each["id"]) for each in operations.failures(context) if each["event_id"] == message.event_id)


def shown(data: Path, id: int) -> dict[str, Any]:
    done = ancrage(data, "failures", "show", f"placement/{id}", "--json")
    assert done.returncode == Exit.DONE, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_failures_are_listed_over_all_services_and_by_state(data: Path, placement: Context) -> None:
    id = park(placement, b"no JSON at all", Unreadable("no envelope"))
    listed = json.loads(ancrage(data, "failures", "list", "--json").stdout)
    assert ("placement", id, "parked") in [(each["service"], each["id"], each["state"]) for each in listed]
    assert f"placement/{id}" in ancrage(data, "failures", "list", "--state", "parked").stdout
    assert f"placement/{id}" not in ancrage(data, "failures", "list", "--state", "waiting").stdout
    assert f"placement/{id}" not in ancrage(data, "failures", "list", "--service", "referral").stdout


def test_a_failure_is_shown_with_its_payload_masked(data: Path, placement: Context) -> None:
    id = park(placement, wave_due(), AgainstSchema("wave: unknown"))
    told = shown(data, id)
    assert told["error_type"] == "AgainstSchema"
    assert "P-1234" not in json.dumps(told)
    assert REFERENCE in told["payload"]
    assert "AgainstSchema" in ancrage(data, "failures", "show", f"placement/{id}").stdout


def test_a_retry_makes_it_due_at_once_and_keeps_who_wanted_it_and_why(data: Path, placement: Context) -> None:
    id = park(placement, wave_due(), AgainstSchema("wave: unknown"))
    done = ancrage(data, "failures", "retry", f"placement/{id}", "--why", "mended")
    assert done.returncode == Exit.DONE
    told = shown(data, id)
    assert told["state"] == "retrying"
    assert [(each["who"], each["action"], each["why"]) for each in told["actions"]] == [
        ("lena (command line)", "retry", "mended")
    ]


def test_a_discarded_failure_cannot_be_retried(data: Path, placement: Context) -> None:
    id = park(placement, b"again no JSON", Unreadable("no envelope"))
    assert ancrage(data, "failures", "discard", f"placement/{id}", "--why", "by hand").returncode == Exit.DONE
    refused = ancrage(data, "failures", "retry", f"placement/{id}", "--why", "regret")
    assert refused.returncode == Exit.REFUSED
    assert refused.stderr.count("\n") == 1


def test_an_edited_message_replaces_the_one_that_failed(data: Path, placement: Context, tmp_path: Path) -> None:
    body = wave_due()
    id = park(placement, body, AgainstSchema("wave: unknown"))
    mended = body.replace(b'"m3"', b'"m6"')
    assert mended != body
    edit = ("failures", "edit", f"placement/{id}", "--why", "wrong wave", "--body", "-")
    assert ancrage(data, *edit, given=mended.decode()).returncode == Exit.DONE
    told = shown(data, id)
    assert told["state"] == "retrying"
    assert '"wave": "m6"' in told["payload"]


def test_an_edit_that_cannot_be_read_or_changes_the_id_is_refused(data: Path, placement: Context) -> None:
    body = wave_due()
    id = park(placement, body, AgainstSchema("wave: unknown"))
    edit = ("failures", "edit", f"placement/{id}", "--why", "…", "--body", "-")
    assert ancrage(data, *edit, given="{}").returncode == Exit.REFUSED
    other = body.replace(Envelope.decode(body).id.encode(), uuid7().encode(), 1)
    refused = ancrage(data, *edit, given=other.decode())
    assert refused.returncode == Exit.REFUSED
    assert "the id must stay" in refused.stderr
    assert shown(data, id)["state"] == "parked"


def test_what_is_not_there_is_told_in_one_line(data: Path) -> None:
    for arguments, code in (
        (("failures", "show", "placement/9999"), Exit.UNKNOWN),
        (("failures", "retry", "placement/9999", "--why", "…"), Exit.UNKNOWN),
        (("failures", "show", "nothing/1"), Exit.UNKNOWN),
        (("trace", "ISA-1999-000001"), Exit.UNKNOWN),
    ):
        done = ancrage(data, *arguments)
        assert done.returncode == code, arguments
        assert done.stderr.startswith("ancrage: ")
        assert done.stderr.count("\n") == 1
    assert ancrage(data, "failures", "show", "12").returncode == Exit.USAGE


def test_a_store_that_does_not_answer_is_told_and_the_others_are_shown(data: Path) -> None:
    command = [sys.executable, "-m", "ancrage", "status", "--json", "--data", str(data)]
    nowhere = {"ANCRAGE_REFERRAL_DATABASE_URL": "postgresql://nobody@127.0.0.1:9/nothing", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, env=nowhere)
    services = json.loads(done.stdout)["services"]
    assert "does not answer" in services["referral"]["trouble"]
    assert services["placement"]["outbox_waiting"] == 0
