"""`ancrage up` as a person runs it: a process of its own on a folder of its own."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from ancrage.demonstration import people
from ancrage.trouble import Exit
from tests.plant.rabbitmq import RabbitMQ
from tests.plant.server import PATIENCE, free_port, wait_until


class Launcher:
    """`ancrage up` on `data`; what it prints is in `output`."""

    def __init__(self, data: Path, *options: str, environment: dict[str, str] | None = None) -> None:
        self.data = data
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.printed = data.parent / f"{data.name}.{self.port}.txt"
        command = [sys.executable, "-m", "ancrage", "up", "--data", str(data), "--port", str(self.port), *options]
        with self.printed.open("wb") as out:
            environ = os.environ | (environment or {})
            self.process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=environ)

    @property
    def output(self) -> str:
        return self.printed.read_text(encoding="utf-8")

    def ready(self) -> bool:
        return self.answers("ready")

    def answers(self, health: str = "live") -> bool:
        try:
            return httpx.get(f"{self.address}/health/{health}", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def wait_until_ready(self) -> None:
        wait_until(lambda: self.process.poll() is not None or self.ready(), "readiness")
        assert self.process.poll() is None, self.output

    def wait_for(self, text: str) -> None:
        wait_until(lambda: text in self.output or self.process.poll() is not None, f"{text!r} in the output")
        assert text in self.output

    def children(self) -> dict[str, int]:
        """Process ids of the children, by the role that they run."""
        return {words[3]: pid for pid, words in processes_on(self.data) if words[3] in ("web", "worker")}

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    @cached_property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token()}"}

    def _token(self) -> str:
        return ancrage("token", "--data", str(self.data), "--area", "all").stdout.strip()

    def send(self, body: dict[str, Any]) -> httpx.Response:
        return httpx.post(f"{self.address}/api/referrals", json=body, headers=self.headers, timeout=PATIENCE)

    def has_place(self, reference: str) -> bool:
        answer = httpx.get(f"{self.address}/api/referrals/{reference}", headers=self.headers, timeout=PATIENCE)
        return bool(answer.json()["status"] == "placed")


def processes_on(data: Path) -> list[tuple[int, list[str]]]:
    """(process id, command line) of every process of ours that works on the folder."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                words = (folder / "cmdline").read_bytes().decode().split("\0")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if str(data) in words and "ancrage" in words:
                found.append((int(folder.name), words))
    return sorted(found, reverse=True)


def ancrage(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "ancrage", *arguments], capture_output=True, text=True, timeout=PATIENCE
    )


def eligible(seed: int) -> dict[str, Any]:
    """Somebody made up whose referral will be accepted."""
    (body,) = people.made_up(1, seed)
    yes = ("social_assistance", "employment_unrealistic", "benefit_expected", "agrees", "evaluation_consent")
    lives_in_sion = {"commune_bfs": "6266", "postal_code": "1950", "locality": "Sion", "language": "fr"}
    return {**body, **dict.fromkeys(yes, "yes"), **lives_in_sion, "other_measure": "no", "birth_date": "1980-01-01"}


def refuses_what_is_in_use(launcher: Launcher, other: Path) -> None:
    again = ancrage("up", "--data", str(launcher.data), "--port", str(launcher.port))
    assert again.returncode == Exit.BUSY
    assert f"process {launcher.process.pid}" in again.stderr
    assert again.stderr.count("\n") == 1
    beside = ancrage("up", "--data", str(other), "--port", str(launcher.port))
    assert beside.returncode == Exit.BUSY
    assert f"port {launcher.port} is taken" in beside.stderr


Start = Callable[..., Launcher]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts launchers on a folder of the test's own; kills what is left of them."""
    started: list[Launcher] = []

    def up(*options: str, environment: dict[str, str] | None = None) -> Launcher:
        started.append(Launcher(tmp_path / "data", *options, environment=environment))
        return started[-1]

    yield up
    for launcher in started:
        launcher.process.kill()
        launcher.process.wait()
    for pid, _ in processes_on(tmp_path / "data"):
        os.kill(pid, signal.SIGKILL)


def test_an_empty_folder_becomes_a_system_that_shows_the_way_of_a_referral(start: Start) -> None:
    launcher = start()
    launcher.wait_until_ready()
    launcher.wait_for("Stop it with Ctrl-C")
    assert re.search(r"The way of ISA-\d{4}-000001", launcher.output)
    assert "120 referrals sent" in launcher.output
    assert re.search(r"\b28 placed", launcher.output)
    assert "cms.sion@" in launcher.output
    assert "password" in launcher.output
    assert launcher.end() == Exit.DONE
    assert not re.search(r"Traceback|Warning|warning", launcher.output)
    assert processes_on(launcher.data) == []


def test_operators_see_how_the_system_is_while_it_runs_and_after(start: Start) -> None:
    launcher = start("--no-demo")
    launcher.wait_until_ready()
    reference = launcher.send(eligible(1)).json()["reference"]
    wait_until(partial(launcher.has_place, reference), "a place")
    on = ("--data", str(launcher.data))

    status = json.loads(ancrage("status", "--json", *on).stdout)
    assert status["ready"]
    for service in status["services"].values():
        assert service["queue_depth"] is not None
        assert service["failures"] == {"retrying": 0, "parked": 0, "waiting": 0, "discarded": 0}
    assert ancrage("status", "--check", *on).returncode == Exit.DONE

    trace = json.loads(ancrage("trace", reference, "--json", *on).stdout)
    types = [event["type"] for event in trace["events"]]
    assert (
        types.index("referral.submitted.v1") < types.index("referral.accepted.v1") < types.index("placement.placed.v1")
    )
    accepted = next(event for event in trace["events"] if event["type"] == "referral.accepted.v1")
    assert accepted["publisher"] == "referral"
    assert accepted["committed_at"] <= accepted["relayed_at"]
    assert {each["service"]: each["result"] for each in accepted["handled"]}["placement"] == "handled"
    assert "referral.accepted.v1 by referral" in ancrage("trace", reference, *on).stdout

    demo = ancrage("demo", "--count", "5", "--rate", "20", *on)
    assert demo.returncode == Exit.DONE
    assert "5 referrals sent" in demo.stdout
    elsewhere = ancrage("demo", "--count", "5", "--token", "none of ours", "--url", launcher.address)
    assert (elsewhere.returncode, elsewhere.stderr.count("\n")) == (Exit.REFUSED, 1)

    assert launcher.end(signal.SIGTERM) == Exit.DONE
    gone = ancrage("demo", "--count", "5", *on)
    assert (gone.returncode, gone.stderr.count("\n")) == (Exit.UNREACHABLE, 1)
    assert ancrage("status", "--check", *on).returncode == Exit.UNWELL
    assert ancrage("trace", "ISA-1999-000001", *on).returncode == Exit.UNKNOWN


def test_a_folder_and_a_port_in_use_are_refused_and_whatever_is_killed_is_started_again(
    start: Start, tmp_path: Path
) -> None:
    launcher = start("--no-demo")
    launcher.wait_until_ready()
    refuses_what_is_in_use(launcher, tmp_path / "other")
    os.kill(launcher.children()["worker"], signal.SIGKILL)
    references = [launcher.send(eligible(seed)).json()["reference"] for seed in range(3)]
    launcher.wait_for("The worker killed by SIGKILL; starting it again")
    for reference in references:
        wait_until(partial(launcher.has_place, reference), f"a place for {reference}")
    os.kill(launcher.children()["web"], signal.SIGKILL)
    time.sleep(0.3)  # the launcher notices within its next look; those who call meanwhile only wait
    assert httpx.get(f"{launcher.address}/health/live", timeout=PATIENCE).status_code == 200
    assert launcher.end() == Exit.DONE
    assert "Traceback" not in launcher.output


def test_a_broker_that_is_down_at_the_start_is_waited_for(start: Start, rabbitmq: RabbitMQ) -> None:
    environment = {"ANCRAGE_AMQP_URL": rabbitmq.url()}
    rabbitmq.stop()
    launcher = start("--no-demo", environment=environment)
    wait_until(launcher.answers, "an answer of the pages")
    sent = launcher.send(eligible(1))
    assert sent.status_code == 201
    assert not launcher.ready()
    rabbitmq.start()
    wait_until(partial(launcher.has_place, sent.json()["reference"]), "a place")
    wait_until(launcher.ready, "readiness")
    assert launcher.end() == Exit.DONE
    assert "Traceback" not in launcher.output


def test_nothing_outlives_a_launcher_that_is_killed_and_the_folder_can_be_used_again(start: Start) -> None:
    launcher = start("--demo")
    launcher.wait_for("The way of")  # in the middle of it
    launcher.process.kill()
    launcher.process.wait()
    wait_until(lambda: processes_on(launcher.data) == [], "the end of all children")
    again = start("--no-demo")
    again.wait_until_ready()
    assert again.end() == Exit.DONE
