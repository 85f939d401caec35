"""What processes of this machine cost: CPU time and peak memory, from /proc (Linux)."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_LISTENING = "0A"


def cpu_seconds(pid: int) -> float:
    """User and system time of the process, of its children, and of those children that have ended."""
    return sum(sum(map(int, _stat(each)[11:15])) for each in _tree(pid)) / _TICKS


def peak_megabytes(pid: int) -> float:
    """Peak resident memory of the largest process among the process and its children."""
    return round(max((_high_water(each) for each in _tree(pid)), default=0) / 1024, 1)


class Meter:
    """CPU seconds of named processes between its making and `read`."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = pids
        self._before = {name: cpu_seconds(pid) for name, pid in pids.items()}

    def read(self) -> dict[str, float]:
        return {name: round(cpu_seconds(pid) - self._before[name], 2) for name, pid in self._pids.items()}

    def peaks(self) -> dict[str, float]:
        return {name: peak_megabytes(pid) for name, pid in self._pids.items()}


def listener(port: int) -> int | None:
    """The oldest process of this machine that listens on `port`; None where it is elsewhere or not ours to see."""
    sockets = set(_listening_sockets(port))
    return min((pid for pid in _pids() if sockets & set(_sockets_of(pid))), default=None)


def _listening_sockets(port: int) -> Iterator[str]:
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                yield f"socket:[{fields[9]}]"


def _sockets_of(pid: int) -> Iterator[str]:
    try:
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            yield os.readlink(entry)
    except OSError:
        return  # it has ended, or is somebody else's


def _tree(pid: int) -> list[int]:
    parents = {each: int(fields[1]) for each in _pids() if (fields := _stat(each))}
    found = [pid]
    for each in found:
        found += [child for child, parent in parents.items() if parent == each]
    return [each for each in found if _stat(each)]


def _pids() -> Iterable[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name, from the state on; empty where it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _high_water(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)
