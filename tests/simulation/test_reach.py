"""More stories, for the other processor (test_seeds.py); and that they get everywhere.

What stories never come to, they can't show to be right.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

import pytest

from chassis import faults
from tests.simulation.agreement import AGREEING
from tests.simulation.seeds import Story, live, shrink, tell, the_world
from tests.simulation.steps import KINDS
from tests.simulation.world import World

SEEDS = range(160, 260)


@dataclass
class Reach:
    """What was come to, in all stories together."""

    types: set[str] = field(default_factory=set)
    states: set[str] = field(default_factory=set)
    steps: Counter[str] = field(default_factory=Counter)
    crashes: set[str] = field(default_factory=set)
    errors: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)

    def note(self, world: World) -> None:
        self.types |= {sent.type for sent in world.ledger.sent.values()}
        self.states |= _column(world, "referral", "SELECT DISTINCT state FROM referrals")
        told = "\n".join(world.told)
        self.steps.update(re.findall(r"^ *\d+ (\w+): (?!nothing to do)", told, re.MULTILINE))
        self.crashes |= set(re.findall(r"at ((?:unit|relay|consumer)\.\w+)(?:: dead|$)", told, re.MULTILINE))
        for name in world.parts:
            self.errors |= _column(world, name, "SELECT DISTINCT error_type FROM failures")
            self.removed |= _column(world, name, "SELECT what FROM forgotten")


def _column(world: World, name: str, query: str) -> set[str]:
    return {row[0] for row in world.parts[name].storage.rows(query) if row[0]}


@pytest.fixture(scope="module")
def lived() -> tuple[dict[int, Story], Reach]:
    """Every story, and what they came to."""
    stories, reach = {}, Reach()
    for seed in SEEDS:
        stories[seed] = live(seed)
        reach.note(the_world())
    return stories, reach


@pytest.fixture
def reach(lived: tuple[dict[int, Story], Reach]) -> Reach:
    return lived[1]


@pytest.mark.parametrize("first", SEEDS[::10])
def test_ten_further_stories_keep_every_promise(lived: tuple[dict[int, Story], Reach], first: int) -> None:
    for story in map(lived[0].__getitem__, range(first, first + 10)):
        assert not story.broken, tell(shrink(story))


def test_everything_that_is_listened_to_is_told(reach: Reach) -> None:
    listened_to = set[str]().union(*the_world().types.values())
    assert listened_to - reach.types == set()


def test_referrals_come_to_rest_in_every_state_that_is_one(reach: Reach) -> None:
    assert reach.states == AGREEING.keys()


def test_people_do_everything_and_everything_goes_wrong(reach: Reach) -> None:
    assert set(KINDS) - set(reach.steps) == set()


def test_processes_die_at_every_point(reach: Reach) -> None:
    assert set(faults.POINTS) - reach.crashes == set()


def test_old_rows_go_and_copies_come_even_later(reach: Reach) -> None:
    assert reach.removed == {"outbox", "inbox"}
    assert "PerhapsHandled" in reach.errors
