"""A few referrals that went their way, told again for thousands of other people: in every store, quickly."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from chassis.context import Context
from chassis.rows import insert_all
from chassis.sealed import Sealed
from services.placement.store import tables as placements
from tests.old_rows import tidy
from tests.together import Together

AT_ONCE = 2_000  #: people of one commit
APART = timedelta(minutes=10)  #: between two people: fifty thousand are about a year

#: by service, the tables that tell of a referral, and by which column; parents first
_TOLD_IN = {
    "referral": {"referrals": "reference", "timeline": "referral_id", "name_keys": "referral_id"},
    "placement": {"participations": "reference"},
    "evaluation": {"participations": "reference", "waves": "participation_id"},
    "notification": {"subjects": "reference", "messages": "reference", "deliveries": "message_id"},
}
_MACHINERY = {"outbox": "subject", "inbox": "subject", "audit": "reference"}
#: columns whose values are the same only for the same person
_OWN = ("id", "event_id", "referral_id", "participation_id", "message_id")

Row = Mapping[str, Any]


def multiply(together: Together, references: Sequence[str], count: int) -> None:
    """`count` more people, each as one of `references`, in turn."""
    for name, tables in _TOLD_IN.items():
        context = together.contexts[name]
        told = [_told_of(context, tables | _MACHINERY, reference) for reference in references]
        for start in range(0, count, AT_ONCE):
            numbers = range(start, min(start + AT_ONCE, count))
            with context.store.writing() as session:
                for table in tables | _MACHINERY:
                    rows = [_as(number, row) for number in numbers for row in told[number % len(told)][table]]
                    if rows:
                        insert_all(session, _plain(context.store.metadata.tables[table]), rows)
        tidy(context.store)
    _count_waiting(together.contexts["placement"])


def _count_waiting(placement: Context) -> None:
    """The lanes know how many wait in them."""
    people, lanes = placements.participations, placements.lanes
    of_lane = (people.c[name] == lanes.c[name] for name in ("region", "language", "urgency"))
    ready = sa.select(sa.func.count()).select_from(people).where(*of_lane, placements.READY)
    with placement.store.writing() as session:
        session.execute(sa.update(lanes).values(ready=ready.scalar_subquery()))


def _told_of(context: Context, tables: Mapping[str, str], reference: str) -> dict[str, list[Row]]:
    """The rows of each table that tell of a referral, or of what was found of it before."""
    found: dict[str, list[Row]] = {}
    with context.reading() as session:
        for name, column in tables.items():
            ids = [row["id"] for rows in found.values() for row in rows if "id" in row]
            keys = [reference] if column in ("reference", "subject") else ids
            table = _plain(context.store.metadata.tables[name])
            found[name] = [
                dict(row) for row in session.execute(sa.select(table).where(table.c[column].in_(keys))).mappings()
            ]
    return {name: [_without_count(context, name, row) for row in rows] for name, rows in found.items()}


def _without_count(context: Context, name: str, row: Row) -> Row:
    """Numbers are given by the database; an audit's chain is sealed later."""
    counted = {column.name for column in context.store.metadata.tables[name].c if column.autoincrement is True}
    return {key: None if key in ("position", "digest") else value for key, value in row.items() if key not in counted}


def _plain(table: sa.Table) -> sa.Table:
    """The same table, whose sealed columns are left as they are."""
    columns = [sa.Column(c.name, sa.Text() if isinstance(c.type, Sealed) else c.type, primary_key=c.primary_key)
               for c in table.c]  # fmt: skip
    return sa.Table(table.name, sa.MetaData(), *columns)


def _as(number: int, row: Row) -> dict[str, Any]:
    return {name: _changed(name, value, number) for name, value in row.items()}


def _changed(name: str, value: Any, number: int) -> Any:
    if value is None:
        return None
    if name in _OWN:
        return f"{number:08d}{value[8:]}"
    if name in ("reference", "subject"):
        return f"ISA-2026-{number + 1000:06d}"
    if name in ("person", "pseudonym"):
        return f"P-{number:010d}"
    if isinstance(value, datetime):
        return value - APART * number
    return value - timedelta(days=(APART * number).days) if isinstance(value, date) else value
