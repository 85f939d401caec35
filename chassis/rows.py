"""Many rows and many keys in one statement.

PostgreSQL gets them as arrays: the statement's text is the same however many there are, so it is planned once, and
goes in one piece instead of a message a row.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

Rows = Sequence[Mapping[str, Any]]


def among(session: Session, column: sa.Column[Any], keys: Collection[Any]) -> sa.ColumnElement[bool]:
    """Whether the column's value is one of `keys`."""
    if _is_postgresql(session):
        return column == sa.any_(sa.bindparam(None, list(keys), type_=postgresql.ARRAY(column.type), unique=True))
    return column.in_(keys)


def insert_all(session: Session, table: sa.Table, rows: Rows) -> None:
    """Inserts rows, all of the same columns; numbers that count up by themselves follow their order."""
    if len(rows) > 1 and _is_postgresql(session):
        session.execute(_plain(table, tuple(rows[0])), _columns(rows))
    else:
        session.execute(sa.insert(table), rows)


def insert_new(session: Session, table: sa.Table, rows: Rows) -> None:
    """Inserts those whose keys are not there yet."""
    if _is_postgresql(session):
        session.execute(_careful(table, tuple(rows[0])), _columns(rows))
    else:
        session.execute(sqlite.insert(table).on_conflict_do_nothing(), rows)


def claim(session: Session, table: sa.Table, rows: Rows, key: sa.Column[Any]) -> set[Any]:
    """Inserts those whose keys are not there yet; returns the keys of these."""
    if _is_postgresql(session):
        return set(session.scalars(_telling(table, tuple(rows[0]), key), _columns(rows)))
    return set(session.scalars(sqlite.insert(table).on_conflict_do_nothing().returning(key), rows))


# a statement costs more to put together than to send: each is made once


@cache
def _plain(table: sa.Table, names: tuple[str, ...]) -> postgresql.Insert:
    arrays = [sa.bindparam(name, type_=postgresql.ARRAY(table.c[name].type)) for name in names]
    columns = [sa.column(name, table.c[name].type) for name in names]
    given = sa.func.unnest(*arrays).table_valued(*columns, with_ordinality="position", name="given").render_derived()
    ordered = sa.select(*(given.c[name] for name in names)).order_by(given.c.position)
    return postgresql.insert(table).from_select(names, ordered)


@cache
def _careful(table: sa.Table, names: tuple[str, ...]) -> postgresql.Insert:
    return _plain(table, names).on_conflict_do_nothing()


@cache
def _telling(table: sa.Table, names: tuple[str, ...], key: sa.Column[Any]) -> Any:
    return _careful(table, names).returning(key)


def _columns(rows: Rows) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
