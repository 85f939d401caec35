"""The context of a service: what its wiring put together, and where its units of work come from."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chassis import faults
from chassis.audit.deeds import note_change
from chassis.clock import Clock, NewId, SystemClock, uuid7
from chassis.settings import Settings
from chassis.store import Store
from chassis.unit import UnitOfWork


@dataclass(kw_only=True)
class Context:
    """A service, put together. Services subclass it to hold what else they need (ciphers, clients)."""

    name: str
    settings: Settings
    store: Store
    unit_class: type[UnitOfWork] = UnitOfWork
    clock: Clock = field(default_factory=SystemClock)
    new_id: NewId = uuid7
    #: called after a commit that left something in the outbox; None where the relay is in another process
    wake_relay: Callable[[], None] | None = None
    #: has the service's `promptly` done, which follows a commit; None where it is done in another process
    prompt: Callable[[], None] | None = None
    #: types of events that say that somebody was erased: nobody may decide that one is not handled
    erasing: frozenset[str] = frozenset()
    #: the store's columns that say of a reference to whose area it belongs; None where it does not know
    areas: "tuple[sa.ColumnElement[str], sa.ColumnElement[str]] | None" = None
    #: what keepers of the audit read in place of a reference that they must not know; None where they may know them
    mark_of: Callable[[str], str] | None = None

    @contextmanager
    def unit(self) -> Iterator[Any]:
        """A unit of work of the service's own class: committed on leaving, rolled back on an exception."""
        with self.store.writing() as session:
            unit = self.unit_class(self, session)
            with unit.explaining():
                yield unit
                unit.finish()
            note_change(self, session, unit.told_of, unit.now)
            faults.at(self.name, "unit.before_commit")
        faults.at(self.name, "unit.after_commit")
        unit.committed()

    def reading(self) -> AbstractContextManager[Session]:
        return self.store.reading()
