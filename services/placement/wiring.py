"""Puts placement together."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from chassis.context import Context
from chassis.crypto import Opener
from chassis.settings import Settings
from chassis.store import Store
from contracts import ERASING
from services.placement.store import MIGRATIONS, Unit, metadata, participations

NAME = "placement"


@dataclass(kw_only=True)
class PlacementContext(Context):
    """Placement with its store, and the key to what was sealed for it."""

    @cached_property
    def opener(self) -> Opener:
        """Opens contact data; made when a page first asks, since the worker never needs it."""
        return Opener(self.settings.keys.sealing_private(NAME))


def wire(settings: Settings, **overrides: Any) -> PlacementContext:
    """The service put together; `overrides` replace any part (a clock, ids, a store)."""
    store = overrides.pop("store", None) or Store(NAME, settings.database_url(NAME), metadata, MIGRATIONS)
    areas = (participations.c.reference, participations.c.cms_area)
    return PlacementContext(
        name=NAME, settings=settings, store=store, unit_class=Unit, erasing=ERASING, areas=areas, **overrides
    )
