"""One process that the launcher started, and when to start it again."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ancrage.launcher import lifeline

#: seconds before a child that died is started again: doubles up to the last while it keeps dying
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
#: seconds of life after which its earlier deaths are forgotten
FORGIVEN_AFTER = 60.0
#: a log file larger than this many bytes is put aside at the next start
LOG_LIMIT = 20_000_000
#: a line of a log that says why: our own, or the end of a traceback
CAUSE = re.compile(r"^ancrage: |^[\w.]*(Error|Exception|Refused|Unreachable)\b")


def pause(deaths: int) -> float:
    """Seconds to wait after the `deaths`-th death in a row."""
    return float(min(FIRST_PAUSE * 2 ** (deaths - 1), LONGEST_PAUSE))


@dataclass
class Child:
    """`arguments` of `python -m ancrage`, run in a session of its own so that Ctrl-C reaches the launcher alone."""

    name: str
    arguments: Sequence[str]
    log: Path
    environment: dict[str, str]
    inherited: Sequence[int] = ()  #: file descriptors kept open in the child
    deaths: int = 0
    started_at: float = 0.0
    due_at: float | None = None  #: monotonic time of the next start, where one is due
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        _put_aside(self.log)
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own arguments
                [sys.executable, "-m", "ancrage", *self.arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.environment,
                pass_fds=self.inherited,
                start_new_session=True,
            )
        self.started_at, self.due_at = time.monotonic(), None

    def died(self) -> int | None:
        """The exit code of a death not yet dealt with (-9: killed by signal 9); None while it lives or waits."""
        if self.process is None or self.due_at is not None:
            return None
        return self.process.poll()

    def mourn(self, now: float) -> float:
        """Notes the death and when to start again; returns the pause in seconds."""
        self.kill()  # what it started itself must not outlive it
        self.deaths = 1 if now - self.started_at > FORGIVEN_AFTER else self.deaths + 1
        self.due_at = now + pause(self.deaths)
        return pause(self.deaths)

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        if self.process is not None and self.alive():
            self.process.terminate()

    def kill(self) -> None:
        """Ends the child and all that it started, at once."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                return
            if self.process.poll() is None:
                self.process.wait()

    def wait(self, seconds: float) -> bool:
        """Whether it ended within `seconds`."""
        if self.process is None:
            return True
        try:
            self.process.wait(max(seconds, 0.01))
        except subprocess.TimeoutExpired:
            return False
        return True

    def last_words(self) -> str:
        """The line of its log that most likely says why it died: the last that names an error, else the last."""
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-50:]
        except FileNotFoundError:
            return ""
        said = [line.strip() for line in reversed(lines) if line.strip()]
        return next((line for line in said if CAUSE.search(line)), said[0] if said else "")


def _put_aside(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))


def environment(reading: int) -> dict[str, str]:
    """This process's environment, with the lifeline in it."""
    return {**os.environ, lifeline.VARIABLE: str(reading), "PYTHONUNBUFFERED": "1"}


def describe(code: int) -> str:
    """`killed by SIGKILL` or `ended with code 3`."""
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
