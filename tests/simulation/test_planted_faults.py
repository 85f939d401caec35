"""That the simulation can fail: faults of design are planted into the real code, and it finds each of them."""

import shlex

import pytest

from tests.simulation.__main__ import main
from tests.simulation.faults import FAULTS, Fault, planted
from tests.simulation.seeds import Story, live, shrink, tell


def first_broken(fault: Fault) -> Story | None:
    """The first story, of those within which the fault is to be found, that breaks a promise."""
    return next((story for seed in fault.seeds if (story := live(seed)).broken), None)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_planted_fault_is_found(fault: Fault) -> None:
    with planted(fault):
        story = first_broken(fault)
    assert story, f"{fault.within} stories, and nobody noticed: {fault.says}"
    assert story.promise in fault.breaks, tell(story, fault.name)


def test_faults_enough_are_planted_and_the_house_without_them_lives_through_the_same_stories() -> None:
    assert len(FAULTS) >= 14
    assert all(fault.seeds.stop <= 100 for fault in FAULTS.values()), "test_seeds does these"


@pytest.fixture(scope="module")
def short() -> Story:
    """What is left of a story that a missing inbox breaks."""
    with planted(FAULTS["has_no_inbox"]):
        broken = first_broken(FAULTS["has_no_inbox"])
        assert broken
        return shrink(broken)


def test_a_story_is_shortened_to_what_breaks_the_promise(short: Story) -> None:
    assert short.promise == "twice"
    assert len(short.steps) <= 10
    with planted(FAULTS["has_no_inbox"]):
        for step in short.steps:
            without = live(short.seed, set(short.steps) - {step})
            assert without.promise != "twice", f"step {step} could be left out"


def test_one_command_lives_a_story_again(short: Story, capsys: pytest.CaptureFixture[str]) -> None:
    told = tell(short, "has_no_inbox")
    again = told.splitlines()[-1].removeprefix("again: python -m tests.simulation ")
    assert main([*shlex.split(again), "--whole"]) == 1
    assert capsys.readouterr().out.strip() == told
    assert main(shlex.split(again.replace("--fault has_no_inbox", "--whole"))) == 0
    assert "every promise was kept" in capsys.readouterr().out


def test_a_seed_is_the_same_story_each_time() -> None:
    assert live(7) == live(7)


def test_seeds_that_break_a_promise_are_told_and_counted(short: Story, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seeds", "1", "--from", str(short.seed), "--fault", "has_no_inbox"]) == 1
    told = capsys.readouterr().out
    assert "BROKEN twice" in told
    assert "1 broke a promise" in told
