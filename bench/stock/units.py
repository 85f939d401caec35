"""A service's own unit of work, one transaction a message, with its events handed out instead of kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from nameko.extensions import DependencyProvider

from chassis.context import Context
from chassis.settings import Settings
from chassis.unit import Emittable


def without_outbox(context: Context) -> Context:
    """The context with a unit of work that only collects what is emitted; publishing is the caller's business."""

    def begin(self: Any, *args: Any) -> None:
        context_class.__init__(self, *args)
        self.told = []

    context_class = context.unit_class
    told = {"__init__": begin, "emit": lambda self, *events: self.told.extend(events)}
    context.unit_class = type("Unit", (context_class,), told)
    return context


@dataclass
class Units:
    """What a service's methods use: `with units.begin() as unit`, then `units.told` after the commit."""

    context: Context
    told: list[Emittable] = field(default_factory=list)

    @contextmanager
    def begin(self) -> Iterator[Any]:
        with self.context.unit() as unit:
            yield unit
        self.told = unit.told


class UnitsOfWork(DependencyProvider):
    """SQLAlchemy in the usual way: one engine a service, one session and one commit a message."""

    def __init__(self, wire: Any) -> None:
        self._wire = wire

    def setup(self) -> None:
        self._context = without_outbox(self._wire(Settings.read()))

    def stop(self) -> None:
        self._context.store.dispose()

    def get_dependency(self, worker_ctx: Any) -> Units:
        return Units(self._context)
