"""One child of the launcher: real processes, since dying is theirs to do."""

import os
import signal
import time
from pathlib import Path

import pytest

from ancrage.launcher.child import FIRST_PAUSE, FORGIVEN_AFTER, LONGEST_PAUSE, Child, describe, pause
from tests.plant.server import PATIENCE


def child(tmp_path: Path, *arguments: str) -> Child:
    return Child("child", arguments, tmp_path / "log" / "child.log", dict(os.environ))


def test_the_pause_doubles_up_to_a_limit() -> None:
    assert [pause(n) for n in (1, 2, 3)] == [FIRST_PAUSE, FIRST_PAUSE * 2, FIRST_PAUSE * 4]
    assert pause(1000) == LONGEST_PAUSE


def test_a_child_that_lived_long_enough_is_forgiven_its_earlier_deaths(tmp_path: Path) -> None:
    frail = child(tmp_path)
    frail.deaths, frail.started_at = 5, 100.0
    assert frail.mourn(100.0 + FORGIVEN_AFTER + 1) == FIRST_PAUSE
    assert frail.mourn(100.0 + FORGIVEN_AFTER - 1) == FIRST_PAUSE * 2


def test_what_a_child_says_goes_to_its_log(tmp_path: Path) -> None:
    wrong = child(tmp_path, "no-such-command")
    wrong.start()
    assert wrong.wait(PATIENCE)
    assert wrong.died() == 2
    assert "no-such-command" in wrong.last_words()


def test_a_death_is_told_once_and_the_child_starts_again(tmp_path: Path) -> None:
    wrong = child(tmp_path, "no-such-command")
    wrong.start()
    wrong.wait(PATIENCE)
    assert wrong.died() is not None
    wrong.mourn(time.monotonic())
    assert wrong.died() is None
    wrong.start()
    assert wrong.wait(PATIENCE)
    assert wrong.died() == 2


def test_a_log_that_has_grown_too_long_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ancrage.launcher.child.LOG_LIMIT", 10)
    wrong = child(tmp_path, "no-such-command")
    wrong.log.parent.mkdir()
    wrong.log.write_text("many words of an earlier life")
    wrong.start()
    wrong.wait(PATIENCE)
    assert "earlier life" not in wrong.log.read_text()
    assert "earlier life" in wrong.log.with_suffix(".log.1").read_text()


def test_an_end_is_described_in_words() -> None:
    assert describe(-signal.SIGKILL) == "killed by SIGKILL"
    assert describe(3) == "ended with code 3"
