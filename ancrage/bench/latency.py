"""How long a referral takes from its commit to its last effect, and each event from its commit to its handling."""

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from chassis.store import inbox, outbox

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ancrage.bench.effects import Run
    from chassis.context import Context

#: milliseconds by percentile
Spread = dict[str, float]

_PERCENTILES = {"p50": 0.50, "p95": 0.95, "p99": 0.99, "max": 1.0}


def spread(milliseconds: "Iterable[float]") -> Spread:
    """Nearest-rank percentiles; empty where there is nothing."""
    ordered = sorted(milliseconds)
    return {name: round(_ranked(ordered, share), 1) for name, share in _PERCENTILES.items()} if ordered else {}


def _ranked(ordered: list[float], share: float) -> float:
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def whole_way(contexts: "Mapping[str, Context]", run: "Run") -> Spread:
    """From the commit of each referral to its last effect, wherever that is."""
    times = _by_commit if all(map(_keeps_commit_times, contexts.values())) else _by_inbox
    begun, ended = times(contexts, run)
    return spread(_milliseconds(begun[reference], ended[reference]) for reference in begun if reference in ended)


def hops(contexts: "Mapping[str, Context]", run: "Run") -> dict[str, Spread]:
    """By `service type`: from the commit of an event by its publisher to its handling by the service."""
    committed: dict[str, datetime] = {}
    for context in contexts.values():
        with context.reading() as session:
            committed |= dict(session.execute(_of(run, outbox, outbox.c.event_id, outbox.c.created_at)).tuples().all())
    taken = defaultdict(list)
    for name, context in contexts.items():
        with context.reading() as session:
            for id, type, at in session.execute(_of(run, inbox, inbox.c.event_id, inbox.c.type, inbox.c.handled_at)):
                taken[f"{name} {type}"].append(_milliseconds(committed[id], at))
    return {hop: spread(each) for hop, each in sorted(taken.items())}


def _of(run: "Run", table: sa.Table, *columns: sa.ColumnElement[Any]) -> "sa.Select[Any]":
    return sa.select(*columns).where(table.c.subject.between(run.first, run.last))


Times = tuple[dict[str, datetime], dict[str, datetime]]


def _by_inbox(contexts: "Mapping[str, Context]", run: "Run") -> Times:
    """As the services' own clocks noted it, just before each commit."""
    begun: dict[str, datetime] = {}
    ended: dict[str, datetime] = {}
    submitted = sa.select(outbox.c.subject, sa.func.min(outbox.c.created_at)).group_by(outbox.c.subject)
    handled = sa.select(inbox.c.subject, sa.func.max(inbox.c.handled_at)).group_by(inbox.c.subject)
    with contexts["referral"].reading() as session:
        begun.update(session.execute(submitted.where(outbox.c.subject.between(run.first, run.last))).tuples().all())
    for context in contexts.values():
        with context.reading() as session:
            for subject, at in session.execute(handled.where(inbox.c.subject.between(run.first, run.last))):
                ended[subject] = max(at, ended.get(subject, at))
    return begun, ended


_COMMITTED = "pg_xact_commit_timestamp"
_ENTRIES = "FROM timeline t JOIN referrals r ON r.id = t.referral_id WHERE r.reference BETWEEN :first AND :last"
_BEGUN = f"SELECT r.reference, {_COMMITTED}(t.xmin) {_ENTRIES} AND t.type = 'referral.submitted.v1'"
_BETWEEN = "WHERE reference BETWEEN :first AND :last GROUP BY 1"
_ENDED = {
    "referral": f"SELECT r.reference, max({_COMMITTED}(t.xmin)) {_ENTRIES} GROUP BY 1",
    "placement": f"SELECT reference, max({_COMMITTED}(xmin)) FROM participations {_BETWEEN}",
    "evaluation": f"SELECT reference, max({_COMMITTED}(xmin)) FROM participations {_BETWEEN}",
    "notification": f"SELECT reference, max({_COMMITTED}(d.xmin)) FROM deliveries d"
    f" JOIN messages m ON m.id = d.message_id {_BETWEEN}",
}


def _by_commit(contexts: "Mapping[str, Context]", run: "Run") -> Times:
    """As PostgreSQL noted the commit of each row (track_commit_timestamp): the same clock for any stack."""
    with contexts["referral"].reading() as session:
        begun: dict[str, datetime] = dict(session.execute(sa.text(_BEGUN), run.bounds).tuples().all())
    ended: dict[str, datetime] = {}
    for name, query in _ENDED.items():
        with contexts[name].reading() as session:
            for reference, at in session.execute(sa.text(query), run.bounds):
                ended[reference] = max(at, ended.get(reference, at))
    return begun, ended


def _keeps_commit_times(context: "Context") -> bool:
    if context.store.is_sqlite:
        return False
    with context.reading() as session:
        return session.scalar(sa.text("SHOW track_commit_timestamp")) == "on"


def _milliseconds(begun: datetime, ended: datetime) -> float:
    return (ended - begun).total_seconds() * 1000
