"""The one folder in which a test run and all that it starts keep their files; nothing outlives the run.

In memory where there is enough of it: what tests kill is processes, never the machine, so no file needs a disk.
Whoever sets TMPDIR decides that for themselves. The folder goes at the end, also after Ctrl-C or kill -9.
"""

import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.plant.undertaker import Undertaker, dwellers

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
ENOUGH = 4 * 2**30  #: bytes; a whole run takes about a quarter of them

_KEPT = pytest.StashKey["Premises"]()


class Premises:
    """`folder` is there from the start, and TMPDIR for all who come after."""

    def __init__(self) -> None:
        self.undertaker = Undertaker()
        self.folder = Path(tempfile.mkdtemp(prefix="ancrage-tests-", dir=_where()))
        self.undertaker.responsible_for_folder(self.folder)
        self.folder.chmod(0o711)  # PostgreSQL runs as somebody else
        self._before = os.environ.get("TMPDIR")
        os.environ["TMPDIR"] = tempfile.tempdir = str(self.folder)

    def close(self) -> list[str]:
        """Removes the folder, and ends who still lives in it: those are told, by their command lines."""
        tempfile.tempdir = None
        os.environ.pop("TMPDIR")
        if self._before is not None:
            os.environ["TMPDIR"] = self._before
        strays = [_command(pid) for pid in dwellers(self.folder) if pid != self.undertaker.pid]
        self.undertaker.finish()
        return strays + ([str(self.folder)] if self.folder.exists() else [])


def _where() -> str | None:
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ENOUGH:
        return str(MEMORY)
    return None


def _command(pid: int) -> str:
    return f"{pid}: " + Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").strip()


def _is_helper(config: pytest.Config) -> bool:
    """Whether this process only runs tests for another one, which has the premises."""
    return hasattr(config, "workerinput")


def pytest_configure(config: pytest.Config) -> None:
    if not _is_helper(config):
        config.stash[_KEPT] = Premises()


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, None, None]:
    """A run that leaves something behind has failed."""
    yield
    if not _is_helper(session.config) and (left := session.config.stash[_KEPT].close()):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        print("", "The tests have left behind:", *left, sep="\n")  # noqa: T201 - what the run says last
