"""A test run leaves nothing on the machine, however it ends; where a test does, the run says so."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.plant.premises import MEMORY, Premises
from tests.plant.server import wait_until

NOTHING = "def test_it(): pass"
A_FILE = "import tempfile\ndef test_it(): open(tempfile.mkdtemp() + '/left', 'w').close()"
A_PROCESS = "import subprocess, time\ndef test_it():\n    subprocess.Popen(['sleep', '61.5'], start_new_session=True)\n"
WAITING = f"{A_PROCESS}    open('begun', 'w').close()\n    time.sleep(60)\n"
Run = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """Where the machine's temporary files are, as the run sees it."""
    (tmp_path / "outside").mkdir()
    return tmp_path / "outside"


@pytest.fixture
def run(tmp_path: Path, outside: Path) -> Run:
    """A run of its own, of one test."""

    def start(body: str) -> "subprocess.Popen[str]":
        (tmp_path / "test_it.py").write_text(body)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.plant.premises", "-p", "no:cacheprovider"]
        environ = os.environ | {"TMPDIR": str(outside), "PYTHONPATH": str(Path(__file__).parents[2])}
        environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # it takes seconds to load them
        out = subprocess.PIPE
        return subprocess.Popen([*command, tmp_path], env=environ, cwd=tmp_path, stdout=out, stderr=out, text=True)

    return start


def _running(command: str) -> bool:
    found = subprocess.run(["pgrep", "--full", "--exact", command], capture_output=True, check=False)
    return found.returncode == 0


@pytest.mark.parametrize("body", [NOTHING, A_FILE])
def test_files_go_with_the_run(run: Run, outside: Path, body: str) -> None:
    process = run(body)
    said, _ = process.communicate()
    assert (process.returncode, "1 passed" in said) == (0, True)
    assert list(outside.iterdir()) == []


def test_a_process_that_is_left_is_told_of_and_ended(run: Run, outside: Path) -> None:
    process = run(A_PROCESS)
    said, _ = process.communicate()
    assert (process.returncode, "1 passed" in said, "sleep 61.5" in said) == (1, True, True)
    assert list(outside.iterdir()) == []
    assert not _running("sleep 61.5")


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_of_a_run_that_is_interrupted(
    run: Run, outside: Path, tmp_path: Path, end: signal.Signals
) -> None:
    process = run(WAITING)
    wait_until((tmp_path / "begun").exists, "beginning of the test")
    process.send_signal(end)
    process.communicate()
    wait_until(lambda: not any(outside.iterdir()), "removal of the folder")
    assert not _running("sleep 61.5")


def test_files_are_kept_in_memory_unless_somebody_decides_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("tests.plant.premises.MEMORY", tmp_path)
    monkeypatch.setattr("tests.plant.premises.ENOUGH", 1)
    monkeypatch.delenv("TMPDIR")
    assert _place() == tmp_path
    monkeypatch.setattr("tests.plant.premises.ENOUGH", 2**70)
    assert _place() == Path("/tmp")  # noqa: S108 - where nothing else is said
    monkeypatch.setattr("tests.plant.premises.ENOUGH", 1)
    monkeypatch.setenv("TMPDIR", str(MEMORY))
    assert _place() == MEMORY


def _place() -> Path:
    premises = Premises()
    assert premises.close() == []
    return premises.folder.parent
