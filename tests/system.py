"""The whole system as its users meet it: `ancrage up` in a process of its own, spoken to over HTTP."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from ancrage import house
from tests.plant.server import PATIENCE, free_port

SAMPLE = Path(__file__).parents[2] / "shared" / "data" / "referrals_sample.csv"
_NOT_SENT = ("row", "expected", "expected_because")


def sample() -> list[dict[str, str]]:
    """The sample's rows; skips the test where the sample is not at hand."""
    if not SAMPLE.exists():
        pytest.skip("the sample referrals are not beside this checkout")
    with SAMPLE.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def body_of(row: dict[str, str]) -> dict[str, Any]:
    """A row as the API takes it: what is empty is absent, interests are a list."""
    body: dict[str, Any] = {name: value for name, value in row.items() if value and name not in _NOT_SENT}
    if "interests" in body:
        body["interests"] = row["interests"].split("|")
    return body


def until(true: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Waits for a true answer and returns it; fails with the last one."""
    end = time.monotonic() + seconds
    while not (last := true()):
        assert time.monotonic() < end, f"still {last!r} after {seconds} s"
        time.sleep(0.1)
    return last


class System:
    """One `ancrage up` on a folder; `environ` says which broker and databases."""

    def __init__(self, folder: Path, environ: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.environ = os.environ | (environ or {})
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        self._tokens: dict[str, str] = {}

    def up(self, *more: str) -> None:
        """Starts it and waits until the whole way can be gone."""
        command = [*self._ancrage("up"), "--port", str(self.port), *(more or ("--no-demo",))]
        log = (self.folder.parent / f"{self.folder.name}.log").open("ab")
        self._process = subprocess.Popen(command, env=self.environ, stdout=log, stderr=log)
        until(self.ready)

    def ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def down(self) -> int:
        """Ends it in order; its exit code."""
        if self._process is None:
            return 0
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        code = self._process.wait(PATIENCE)
        self._process = None
        return code

    def worker(self) -> int:
        """The process id of the worker; 0 while there is none."""
        assert self._process is not None
        asked = ["pgrep", "-P", str(self._process.pid), "-f", "ancrage worker"]
        children = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.split()
        return int(children[0]) if children else 0

    def kill_worker(self) -> None:
        os.kill(self.worker(), signal.SIGKILL)

    def run(self, *arguments: str) -> str:
        """What an `ancrage` command prints; fails where it fails."""
        command = self._ancrage(*arguments)
        done = subprocess.run(command, env=self.environ, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json"))

    def _ancrage(self, command: str, *rest: str) -> list[str]:
        return [sys.executable, "-m", "ancrage", command, *rest, "--data", str(self.folder)]

    def accounts(self) -> str:
        """Makes the demonstration accounts where they are not yet; the password of all of them."""
        from ancrage.launcher import accounts
        from chassis.settings import Settings

        settings = Settings.read(self.environ, data=self.folder)
        accounts.create(settings)
        password: str = house.wire("identity", settings).demo_password  # type: ignore[attr-defined]
        return password

    def api(self, area: str = "all", language: str = "fr") -> httpx.Client:
        if area not in self._tokens:
            self._tokens[area] = self.run("token", "--area", area).strip()
        headers = {"Authorization": f"Bearer {self._tokens[area]}", "Accept-Language": language}
        return httpx.Client(base_url=self.url, headers=headers, timeout=PATIENCE)
