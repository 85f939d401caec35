"""The services' processes, and the supervisor who starts again whatever dies."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.orders import Orders
from tests.plant.undertaker import Undertaker

ROOT = Path(__file__).parents[2]
LEAVING_DEADLINE = 30.0  #: seconds from SIGTERM to the end: the worker's own deadline, and a busy machine
_LOOK_EVERY = 0.1


@dataclass
class Process:
    """`role` (worker or web) of `service`."""

    role: str
    service: str
    arguments: Sequence[str]
    environment: dict[str, str]
    log: Path
    orders: Orders
    leaving_since: float | None = None
    was_listening: bool = False  #: for SIGTERM, when it was asked to leave; one that has hardly begun is simply ended
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @property
    def name(self) -> str:
        return f"{self.role}-{self.service}"

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self, undertaker: Undertaker) -> None:
        command = [sys.executable, "-m", "tests.chaos.child", self.role, self.service, *self.arguments]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self.environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )
        undertaker.responsible_for_process(self.process.pid, signal.SIGKILL)
        self.leaving_since = None

    @property
    def ended_as_asked(self) -> bool:
        if self.process is None or self.leaving_since is None:
            return False
        return self.process.returncode == 0 or (self.process.returncode == -signal.SIGTERM and not self.was_listening)

    def kill(self) -> None:
        """The whole of it at once, as its container would go."""
        if self.process is not None and self.alive:
            os.killpg(self.process.pid, signal.SIGKILL)

    def ask_to_leave(self) -> None:
        if self.process is not None and self.alive and self.leaving_since is None:
            self.leaving_since, self.was_listening = time.monotonic(), _catches_sigterm(self.process.pid)
            self.process.terminate()

    def freeze(self) -> None:
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, what: signal.Signals) -> None:
        if self.process is not None and self.alive:
            os.killpg(self.process.pid, what)


@dataclass
class Supervisor:
    """Starts again what died, and notes what should not have been."""

    processes: Sequence[Process]
    undertaker: Undertaker
    deaths: int = 0
    left_in_order: int = 0
    disorderly: list[str] = field(default_factory=list)  #: neither killed by us nor ended as asked
    _stopping: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        for process in self.processes:
            process.start(self.undertaker)
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stopping.wait(_LOOK_EVERY):
            for process in self.processes:
                self._look_after(process)

    def _look_after(self, process: Process) -> None:
        if process.alive:
            self._hurry(process)
        elif not self._stopping.is_set():
            self._note(process)
            process.kill()
            process.start(self.undertaker)

    def _hurry(self, process: Process) -> None:
        asked = process.leaving_since
        if asked is not None and time.monotonic() - asked > LEAVING_DEADLINE:
            self.disorderly.append(f"{process.name} had not left {LEAVING_DEADLINE:.0f} s after SIGTERM")
            process.leaving_since = None
            process.kill()

    def _note(self, process: Process) -> None:
        assert process.process is not None
        code = process.process.returncode
        self.deaths += 1
        if process.ended_as_asked:
            self.left_in_order += 1
        elif code != -signal.SIGKILL:
            self.disorderly.append(f"{process.name} ended by itself with {code}: {_last_words(process.log)}")

    def stop(self) -> list[str]:
        """Asks all to leave; returns what did not go as it should."""
        self._stopping.set()
        self._thread.join(10)
        for process in self.processes:
            process.ask_to_leave()
        for process in self.processes:
            self._await(process)
        return self.disorderly

    def abandon(self) -> None:
        """Ends all at once; nobody wants anything of them any more."""
        self._stopping.set()
        self._thread.join(10)
        for process in self.processes:
            process.kill()

    def _await(self, process: Process) -> None:
        assert process.process is not None
        try:
            process.process.wait(LEAVING_DEADLINE)
        except subprocess.TimeoutExpired:
            process.kill()
            self.disorderly.append(f"{process.name} did not leave at the end")
        else:
            if not process.ended_as_asked:
                self.disorderly.append(
                    f"{process.name} left with {process.process.returncode}: {_last_words(process.log)}"
                )


def _catches_sigterm(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    caught = int(status.partition("SigCgt:")[2].split()[0], 16)
    return bool(caught >> (signal.SIGTERM - 1) & 1)


def _last_words(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines() or [""]
    return lines[-1][:300]
