"""Ends what a test run started and removes its folders, however the run itself ends.

A process of its own, out of the reach of Ctrl-C. It reads on standard input what it is responsible for, a line each:
`process PID SIGNAL` and `folder PATH`. When its input closes, which a killed test run does as well, it sets to work:
it ends the processes and whatever else lives in the folders, then removes these.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

PATIENCE = 10.0  #: seconds for a process to end by itself before it is killed, and for a folder to go


class Undertaker:
    """The test run's side: `responsible_for(...)`, and `finish()` at the end."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, start_new_session=True, text=True
        )

    def responsible_for_process(self, pid: int, stop_signal: signal.Signals) -> None:
        """`pid` leads a session of its own; `stop_signal` asks it to end."""
        self._say(f"process {pid} {int(stop_signal)}")

    def responsible_for_folder(self, path: Path) -> None:
        self._say(f"folder {path}")

    @property
    def pid(self) -> int:
        return self._process.pid

    def finish(self) -> None:
        """Returns when all is ended and removed."""
        self._process.communicate()

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()


def birth(pid: int) -> str | None:
    """When the process started, in clock ticks; None when it is gone or only waits to be collected."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else fields[19]


def dwellers(folder: Path) -> list[int]:
    """Other processes that work in a folder, or were told of it when they began."""
    found = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    return [pid for pid in found if pid != os.getpid() and birth(pid) is not None and _dwells(pid, folder)]


def _dwells(pid: int, folder: Path) -> bool:
    process = Path("/proc", str(pid))
    try:
        told, inside = (process / "environ").read_bytes(), (process / "cwd").readlink()
    except OSError:
        return False  # it has ended, or is somebody else's
    return bytes(folder) in told or inside.is_relative_to(folder)


def main() -> None:
    processes: list[tuple[int, int, str | None]] = []
    folders: list[Path] = []
    for line in sys.stdin:
        kind, rest = line.rstrip("\n").split(" ", 1)
        if kind == "folder":
            folders.append(Path(rest))
        else:
            pid, stop_signal = map(int, rest.split())
            processes.append((pid, stop_signal, birth(pid)))
    alive = [each for each in processes if each[2] is not None and birth(each[0]) == each[2]]
    _end(alive)
    _end([(pid, signal.SIGTERM, birth(pid)) for folder in folders for pid in dwellers(folder)])
    for folder in folders:
        _remove(folder)


def _remove(folder: Path) -> None:
    """Somebody who is about to end may still write into it."""
    deadline = time.monotonic() + PATIENCE
    while folder.exists() and time.monotonic() < deadline:
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.05)


def _end(alive: list[tuple[int, int, str | None]]) -> None:
    for pid, stop_signal, _ in reversed(alive):
        _send(pid, signal.SIGCONT)  # a frozen process hears nothing
        _send(pid, stop_signal)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and any(birth(pid) == born for pid, _, born in alive):
        time.sleep(0.05)
    for pid, _, born in alive:
        if birth(pid) == born:
            _send(pid, signal.SIGKILL)
            _send(-pid, signal.SIGKILL)


def _send(pid: int, what: int) -> None:
    try:
        os.kill(pid, what)
    except ProcessLookupError:
        return  # it ended meanwhile, which is what was wanted


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    main()
