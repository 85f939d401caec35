"""What a planted fault is, and how it is planted for a while."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

Plant = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Fault:
    """`says` what is wrong. One of the promises in `breaks` is found broken `within` so many stories.

    Those `after` a seed that is known to be near: that saves time, and any other would do.
    """

    name: str
    says: str
    breaks: frozenset[str]
    within: int
    after: int
    plant: Plant

    @property
    def seeds(self) -> range:
        return range(self.after, self.after + self.within)


FAULTS: dict[str, Fault] = {}


def fault(*breaks: str, within: int, after: int = 0) -> Callable[[Plant], Plant]:
    """Declares a function that plants the fault of its name; its docstring says what is wrong then."""

    def declare(plant: Plant) -> Plant:
        name = plant.__name__  # type: ignore[attr-defined]
        FAULTS[name] = Fault(name, str(plant.__doc__), frozenset(breaks), within, after, plant)
        return plant

    return declare


@contextmanager
def planted(fault: Fault) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        fault.plant(patch)
        yield
