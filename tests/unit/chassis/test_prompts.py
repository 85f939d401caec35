"""What a service does right after its commits: whenever it is prompted, and a last time when it is to stop."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.broker.memory import MemoryBroker
from chassis.context import Context
from chassis.loops import PromptLoop
from chassis.migrations import migrate
from chassis.vitals import Vitals
from tests.plant.server import wait_until
from tests.toy import make_context


class Errand:
    """Counts how often it was done; fails when it is told to."""

    def __init__(self) -> None:
        self.done = 0
        self.fails = False

    def __call__(self, _context: Context) -> None:
        self.done += 1
        if self.fails:
            raise ZeroDivisionError


@pytest.fixture
def errand() -> Errand:
    return Errand()


@pytest.fixture
def loop(tmp_path: Path, errand: Errand) -> Iterator[PromptLoop]:
    context = make_context("ping", tmp_path)
    migrate(context.store)
    loop = PromptLoop(context, MemoryBroker(), Vitals(), errand)
    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    yield loop
    loop.stop()
    thread.join(10)
    assert not thread.is_alive()


def _prompt(loop: PromptLoop) -> None:
    assert loop.context.prompt
    loop.context.prompt()


def test_it_is_done_whenever_it_is_prompted(loop: PromptLoop, errand: Errand) -> None:
    _prompt(loop)
    wait_until(lambda: errand.done == 1, "the errand")
    _prompt(loop)
    wait_until(lambda: errand.done == 2, "the errand again")


def test_one_that_failed_is_done_again_at_the_next_prompt(loop: PromptLoop, errand: Errand) -> None:
    errand.fails = True
    _prompt(loop)
    wait_until(lambda: errand.done == 1, "the errand that fails")
    _prompt(loop)
    wait_until(lambda: errand.done == 2, "the errand again")


def test_it_is_done_a_last_time_when_the_worker_stops(loop: PromptLoop, errand: Errand) -> None:
    _prompt(loop)
    wait_until(lambda: errand.done == 1, "the errand")
    loop.stop()
    wait_until(lambda: errand.done == 2, "the last errand")
