"""A server program that tests can stop, kill, freeze and start again."""

import os
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

from tests.plant.undertaker import Undertaker

#: seconds that anything may take before it counts as not happening: a busy machine is slow, not wrong
PATIENCE = 180.0


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Whether somebody listens on the loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(true: Callable[[], object], what: str, timeout: float = PATIENCE) -> None:
    """Returns once `true()` is; raises TimeoutError that says `what` was awaited."""
    deadline = time.monotonic() + timeout
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not happen within {timeout:.0f} s")
        time.sleep(0.05)


class Server(ABC):
    """One server in a temporary folder on a loopback port; comes up again with the same data on the same port."""

    #: what asks it to end in order
    stop_signal = signal.SIGTERM
    #: what ends it when nobody will want its data again
    abandon_signal = signal.SIGKILL

    def __init__(self, undertaker: Undertaker) -> None:
        self._undertaker = undertaker
        self.folder = Path(tempfile.mkdtemp(prefix="ancrage-"))
        undertaker.responsible_for_folder(self.folder)
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._frozen = False

    @abstractmethod
    def command(self) -> list[str]:
        """The program that becomes the server."""

    @abstractmethod
    def environment(self) -> dict[str, str]:
        """All that the program finds in its environment."""

    @abstractmethod
    def ready(self) -> bool:
        """Whether it does its work."""

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Returns when the server is ready; raises RuntimeError with its log when it ends instead."""
        log = self.folder / "server.log"
        self._process = self.spawn(self.command(), log)
        wait_until(lambda: not self.running or self.ready(), f"start of {type(self).__name__}")
        if not self.running:
            raise RuntimeError(f"{type(self).__name__} did not start:\n{log.read_text(errors='replace')[-3000:]}")

    def spawn(self, command: list[str], log: Path) -> "subprocess.Popen[bytes]":
        """Starts `command` in a session of its own and puts it under the undertaker's care."""
        with log.open("ab") as out:
            process = subprocess.Popen(
                command,
                env=self.environment(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        self._undertaker.responsible_for_process(process.pid, self.abandon_signal)
        return process

    def stop(self) -> None:
        """Ends it in order: what it was told to keep, it keeps."""
        self.thaw()
        self._signal(self.stop_signal)
        self._await_end()

    def kill(self) -> None:
        """Ends it as a power cut would (the operating system's buffers survive)."""
        if self.running:
            os.killpg(self._pid, signal.SIGKILL)
        self._await_end()

    def freeze(self) -> None:
        """It keeps its connections and answers nothing."""
        self._frozen = True
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on after a freeze."""
        if self._frozen:
            self._frozen = False
            self._signal(signal.SIGCONT)

    def restore(self) -> None:
        """Undoes what a test did to it: thaws it, starts it where it was stopped."""
        self.thaw()
        if self._process is not None and not self.running:
            self.start()

    @property
    def _pid(self) -> int:
        assert self._process is not None, "the server was never started"
        return self._process.pid

    def _signal(self, what: signal.Signals) -> None:
        if self.running:
            os.kill(self._pid, what)

    def _await_end(self) -> None:
        if self._process is not None:
            self._process.wait(timeout=PATIENCE)
        self._frozen = False
