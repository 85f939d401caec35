"""`--verbose`: what the children write into their logs, on the terminal as well."""

import contextlib
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

LOOK_EVERY = 0.2


@contextlib.contextmanager
def show_logs(logs: Sequence[Path]) -> Iterator[None]:
    """Copies to standard error what is appended to `logs` meanwhile."""
    ended = threading.Event()
    followers = [threading.Thread(target=_follow, args=(log, _size(log), ended), daemon=True) for log in logs]
    for follower in followers:
        follower.start()
    try:
        yield
    finally:
        ended.set()
        for follower in followers:
            follower.join(2 * LOOK_EVERY)


def _follow(log: Path, position: int, ended: threading.Event) -> None:
    while True:
        last = ended.wait(LOOK_EVERY)
        if log.exists():
            position = _copy(log, position if position <= _size(log) else 0)
        if last:
            return


def _copy(log: Path, position: int) -> int:
    with log.open(encoding="utf-8", errors="replace") as file:
        file.seek(position)
        sys.stderr.write(file.read())
        sys.stderr.flush()
        return file.tell()


def _size(log: Path) -> int:
    return log.stat().st_size if log.exists() else 0
