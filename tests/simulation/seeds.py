"""One seed, one story: it is lived through, and where a promise breaks, told as briefly as it can be."""

from collections.abc import Collection, Iterable, Sequence
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

    @property
    def promise(self) -> str | None:
        """Which one broke."""
        return self.broken and self.broken.promise


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
    size = len(story.steps) // 2
    while size > 1:
        story, size = _thinned(story, size), size // 2
    while (shorter := _thinned(story, 1)) is not story:
        story = shorter
    return story


def _thinned(story: Story, size: int) -> Story:
    """Without each stretch of so many steps that it can do without."""
    start = 0
    while start < len(story.steps):
        fewer = live(story.seed, story.steps[:start] + story.steps[start + size :])
        if fewer.promise == story.promise:
            story = fewer
        else:
            start += size
    return story


def must_keep_every_promise(seeds: Iterable[int]) -> None:
    """Raises AssertionError with the short story of the first seed that breaks one."""
    for seed in seeds:
        story = live(seed)
        assert not story.broken, tell(shrink(story))


def tell(story: Story, fault: str | None = None) -> str:
    """The story for reading; where a promise broke, with the command that lives it again (with the fault planted)."""
    lines = [f"seed {story.seed}, {len(story.steps)} of its {len(plan(story.seed))} steps:", *story.told]
    if story.broken is None:
        return "\n".join([*lines, "every promise was kept"])
    steps = ",".join(map(str, story.steps))
    again = f"python -m tests.simulation --replay {story.seed} --steps {steps}{f' --fault {fault}' if fault else ''}"
    return "\n".join([*lines, f"BROKEN {story.broken}", f"again: {again}"])
