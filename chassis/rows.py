"""Many rows, many keys and many writes in one statement.

PostgreSQL gets them as arrays: the statement's text is the same however many there are, so it is planned once, and
goes in one piece instead of a message a row. The arrays are spelt here: psycopg takes five times as long, item by item
(`docs/decisions/0015-few-statements.md`). SQLite is asked row by row: there is nobody to travel to.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

Rows = Sequence[Mapping[str, Any]]

INSERT = "insert"  #: all of them
INSERT_NEW = "insert_new"  #: those whose keys are not there yet
UPDATE = "update"  #: those that are there, found by the primary key


@dataclass(frozen=True)
class Write:
    """Rows of one table, all of the same columns, and what becomes of them."""

    kind: str
    table: sa.Table
    rows: Rows


class Array(sa.TypeDecorator[Sequence[Any]]):
    """An array that goes to PostgreSQL as text, `{"a","b",NULL}`; of texts, numbers, bytes, moments or JSON."""

    impl = postgresql.ARRAY
    cache_ok = True

    def __init__(self, item: sa.types.TypeEngine[Any]) -> None:
        super().__init__(item)
        self.item = item

    def bind_processor(self, dialect: sa.Dialect) -> Any:
        if isinstance(self.item, sa.TypeDecorator):
            prepare, of = self.item.process_bind_param, self.item.impl_instance
            return lambda values: _spelt_all((prepare(value, dialect) for value in values), of)
        return lambda values: _spelt_all(values, self.item)


def _spelt_all(values: Iterable[Any], of: sa.types.TypeEngine[Any]) -> str:
    if isinstance(of, sa.JSON):
        values = map(json.dumps, values)
    return f"{{{','.join(map(_spelt, values))}}}"


def _spelt(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return rf'"\\x{value.hex()}"'
    text = value if isinstance(value, str) else value.isoformat() if isinstance(value, date) else str(value)
    if '"' in text or "\\" in text:
        text = text.replace("\\", r"\\").replace('"', r"\"")
    return f'"{text}"'


def firsts(
    key: sa.Column[Any], parts: Iterable[Sequence[sa.ColumnElement[bool]]], order: Sequence[Any], limit: int
) -> sa.Select[Any] | sa.CompoundSelect[Any]:
    """The keys of the first rows of each part, in an order that each part's own index has.

    The first rows of all parts together are among them: found so, not all that there are need be sorted.
    """
    each = [sa.select(key.label("key")).where(*part).order_by(*order).limit(limit).subquery() for part in parts]
    return sa.union_all(*(sa.select(one.c.key) for one in each))


def among(session: Session, column: sa.Column[Any], keys: Collection[Any]) -> sa.ColumnElement[bool]:
    """Whether the column's value is one of `keys`."""
    if is_postgresql(session):
        return column == sa.any_(sa.bindparam(None, list(keys), type_=Array(column.type), unique=True))
    return column.in_(keys)


def any_of(column: sa.Column[Any], parameter: str, on_postgresql: bool) -> sa.ColumnElement[bool]:
    """The same for a statement that is made once: whether the value is one of the list that `parameter` will be."""
    if on_postgresql:
        return column == sa.any_(sa.bindparam(parameter, type_=Array(column.type)))
    return column.in_(sa.bindparam(parameter, expanding=True))


def write(session: Session, writes: Sequence[Write], channel: str | None = None) -> None:
    """All writes in one statement where the database can; numbers that count up by themselves follow the rows' order.

    They don't see each other's rows, but each foreign key may point to another's. Whoever listens to `channel` of a
    PostgreSQL database is told of the commit.
    """
    writes = [each for each in writes if each.rows]
    if not writes:
        return
    if is_postgresql(session):
        session.execute(_together(tuple(_shape(each) for each in writes), channel), _parameters(writes))
    else:
        for each in writes:
            _write_rows(session, each)


def insert_all(session: Session, table: sa.Table, rows: Rows) -> None:
    """Inserts rows; numbers that count up by themselves follow their order."""
    write(session, [Write(INSERT, table, rows)])


def claim(session: Session, table: sa.Table, rows: Rows, key: sa.Column[Any]) -> set[Any]:
    """Inserts those whose keys are not there yet; returns the keys of these."""
    if is_postgresql(session):
        return set(session.scalars(_telling(table, tuple(rows[0]), key), _parameters([Write(INSERT_NEW, table, rows)])))
    return set(session.scalars(sqlite.insert(table).on_conflict_do_nothing().returning(key), rows))


def is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


Shape = tuple[str, sa.Table, tuple[str, ...]]


def _shape(each: Write) -> Shape:
    return each.kind, each.table, tuple(each.rows[0])


def _parameters(writes: Sequence[Write]) -> dict[str, list[Any]]:
    return {
        _parameter(number, name): [row[name] for row in each.rows]
        for number, each in enumerate(writes)
        for name in each.rows[0]
    }


def _parameter(number: int, name: str) -> str:
    return f"w{number}_{name}"


# a statement costs more to put together than to send: each is made once


@cache
def _together(shapes: tuple[Shape, ...], channel: str | None) -> Any:
    *others, last = [_statement(number, shape) for number, shape in enumerate(shapes)]
    if channel:
        last = last.returning(sa.func.pg_notify(channel, ""))
    return last.add_cte(*(each.cte(f"written_{number}") for number, each in enumerate(others)))


@cache
def _telling(table: sa.Table, names: tuple[str, ...], key: sa.Column[Any]) -> Any:
    return _statement(0, (INSERT_NEW, table, names)).returning(key)


def _statement(number: int, shape: Shape) -> Any:
    kind, table, names = shape
    given = _given(number, table, names)
    if kind == UPDATE:
        keys = set(table.primary_key.columns.keys())
        found = sa.and_(*(table.c[key] == given.c[key] for key in keys))
        return sa.update(table).where(found).values({name: given.c[name] for name in names if name not in keys})
    ordered = sa.select(*(given.c[name] for name in names)).order_by(given.c.position)
    insert = postgresql.insert(table).from_select(names, ordered)
    return insert.on_conflict_do_nothing() if kind == INSERT_NEW else insert


def _given(number: int, table: sa.Table, names: tuple[str, ...]) -> Any:
    """The parameters as rows: one array a column."""
    arrays = [sa.bindparam(_parameter(number, name), type_=Array(table.c[name].type)) for name in names]
    columns = [sa.column(name, table.c[name].type) for name in names]
    given = sa.func.unnest(*arrays).table_valued(*columns, with_ordinality="position", name=f"given_{number}")
    return given.render_derived()


def _write_rows(session: Session, each: Write) -> None:
    if each.kind == UPDATE:
        keys = each.table.primary_key.columns
        found = sa.and_(*(column == sa.bindparam(f"key_{column.key}") for column in keys))
        values: dict[str, Any] = {name: sa.bindparam(name) for name in each.rows[0] if name not in keys}
        rows = [{f"key_{name}" if name in keys else name: value for name, value in row.items()} for row in each.rows]
        session.connection().execute(sa.update(each.table).where(found).values(values), rows)
    else:
        insert = sqlite.insert(each.table)
        session.execute(insert if each.kind == INSERT else insert.on_conflict_do_nothing(), each.rows)
