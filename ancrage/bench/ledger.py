"""What the outboxes, inboxes and failures of all services say of a run: who still has to handle what."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from chassis.store import failures, inbox, outbox

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ancrage.bench.effects import Run
    from chassis.context import Context

#: by service, the types of events that it handles
Subscribed = dict[str, frozenset[str]]


@dataclass(frozen=True)
class Ledger:
    committed: Counter[str]  #: rows of the outboxes, by type
    handled: Counter[tuple[str, str]]  #: rows of the inboxes, by service and type
    unsent: int
    failed: int  #: rows of the failures, whatever their state
    subscribed: Subscribed

    @property
    def events(self) -> int:
        return self.committed.total()

    @property
    def outstanding(self) -> int:
        """Events times subscribers that are not handled yet."""
        due = sum(self.committed[type] for types in self.subscribed.values() for type in types)
        return due - self.handled.total()

    @property
    def at_rest(self) -> bool:
        return self.unsent == 0 and self.outstanding == 0


def subscriptions(names: "tuple[str, ...]") -> Subscribed:
    """Who takes what. Imports the workers' classes, and with them nameko."""
    from ancrage import house
    from chassis.worker import subscriptions as of_class

    return {name: frozenset(s.event_class.TYPE for s in of_class(house.worker_class(name))) for name in names}


def read(contexts: "Mapping[str, Context]", run: "Run", subscribed: Subscribed) -> Ledger:
    committed: Counter[str] = Counter()
    handled: Counter[tuple[str, str]] = Counter()
    unsent = failed = 0
    for name, context in contexts.items():
        with context.reading() as session:
            for type, sent, rows in session.execute(_committed(run)):
                committed[type] += rows
                unsent += rows - sent
            handled.update({(name, type): rows for type, rows in session.execute(_handled(run)).tuples()})
            failed += session.scalar(_failed(run)) or 0
    return Ledger(committed, handled, unsent, failed, subscribed)


def unsent(contexts: "Mapping[str, Context]", run: "Run") -> int:
    """Events of the run that no broker has taken yet: found without a look at all the others."""
    ours = outbox.c.sent_at.is_(None) & outbox.c.subject.between(run.first, run.last)
    found = 0
    for context in contexts.values():
        with context.reading() as session:
            found += session.scalar(sa.select(sa.func.count()).where(ours)) or 0
    return found


def _committed(run: "Run") -> "sa.Select[Any]":
    counted = (outbox.c.type, sa.func.count(outbox.c.sent_at), sa.func.count())
    return sa.select(*counted).where(outbox.c.subject.between(run.first, run.last)).group_by(outbox.c.type)


def _handled(run: "Run") -> "sa.Select[Any]":
    ours = inbox.c.subject.between(run.first, run.last) & inbox.c.handled_at.is_not(None)
    return sa.select(inbox.c.type, sa.func.count()).where(ours).group_by(inbox.c.type)


def _failed(run: "Run") -> "sa.Select[Any]":
    return sa.select(sa.func.count()).where(failures.c.subject.between(run.first, run.last))
