"""One seed, one story: it is lived through, and where a promise breaks, told as briefly as it can be."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache

from tests.simulation import commands, mishaps  # noqa: F401 - declare the kinds of steps
from tests.simulation.ledger import Broken
from tests.simulation.settled import check_settled
from tests.simulation.steps import KINDS, Step, plan, take
from tests.simulation.world import World


@dataclass(frozen=True)
class Story:
    """What happened with a seed. `broken` is None where every promise was kept."""

    seed: int
    steps: tuple[int, ...]
    told: tuple[str, ...]
    broken: Broken | None


@cache
def the_world() -> World:
    """Made once a process."""
    return World()


def live(seed: int, only: Collection[int] | None = None) -> Story:
    """Lives through the steps of a seed, or `only` through those of these numbers."""
    steps = [step for step in plan(seed) if only is None or step.number in only]
    with the_world().running() as world:
        broken = _live(world, seed, steps)
    return Story(seed, tuple(step.number for step in steps), tuple(world.told), broken)


def _live(world: World, seed: int, steps: Sequence[Step]) -> Broken | None:
    try:
        for step in steps:
            _take(world, seed, step)
        world.hand.deal(seed, "settle")
        world.tell("all is mended, and the house comes to rest")
        check_settled(world)
    except Broken as broken:
        return broken
    return None


def _take(world: World, seed: int, step: Step) -> None:
    world.hand.deal(seed, step.number)
    place = len(world.told)
    said = f"{step.kind}: (unfinished)"
    try:
        said = take(KINDS[step.kind], world, world.hand)
    finally:
        world.told.insert(place, f"{step.number:3d} {said}")
    world.check()


def shrink(story: Story) -> Story:
    """Leaves out steps, many at once and then one by one, as long as the same promise breaks."""
    size = max(1, len(story.steps) // 2)
    while True:
        smaller = _without(story, size)
        if smaller is not story:
            story = smaller
        elif size == 1:
            return story
        else:
            size = max(1, size // 2)


def _without(story: Story, size: int) -> Story:
    for start in range(0, len(story.steps), size):
        fewer = story.steps[:start] + story.steps[start + size :]
        again = live(story.seed, fewer)
        if again.broken and story.broken and again.broken.promise == story.broken.promise:
            return again
    return story


def tell(story: Story) -> str:
    """The story for reading; where a promise broke, with the command that lives it again."""
    lines = [f"seed {story.seed}, {len(story.steps)} of its {len(plan(story.seed))} steps:", *story.told]
    if story.broken is None:
        return "\n".join([*lines, "every promise was kept"])
    steps = ",".join(map(str, story.steps))
    again = f"python -m tests.simulation --replay {story.seed} --steps {steps}"
    return "\n".join([*lines, f"BROKEN {story.broken}", f"again: {again}"])
