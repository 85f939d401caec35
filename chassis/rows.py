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


def changes(session: Session) -> list[Write]:
    """What changed in objects of which several of one class did, as one write a class; the session lets go of them.

    Left to itself it would send a statement for each. They must be locked: no version is compared. What owns others,
    which the session would let go of with it, is left to the session.
    """
    changed: dict[type, list[Any]] = {}
    for each in session.dirty:
        mapper = sa.inspect(each).mapper
        if _names(each, mapper.column_attrs) and not any(to.cascade.expunge for to in mapper.relationships):
            changed.setdefault(type(each), []).append(each)
    return [_change(session, each) for each in changed.values() if len(each) > 1]


def additions(session: Session, classes: Sequence[type]) -> list[Write]:
    """New objects of these classes, one write a class; the session lets go of them.

    For classes whose columns are set by hand, keys included, or follow from the object they point to.
    """
    new = [[each for each in session.new if type(each) is cls] for cls in classes]
    return [_addition(session, each) for each in new if each]


def _addition(session: Session, objects: Sequence[Any]) -> Write:
    mapper = sa.inspect(objects[0]).mapper
    pointing = [(name, *pair) for name, to in mapper.relationships.items() for pair in to.local_remote_pairs]
    names = list(mapper.column_attrs.keys())  # a mapping that iterates over its values
    rows = []
    for each in objects:
        row = {mapper.columns[name].key: getattr(each, name) for name in names}
        row |= {own.key: getattr(getattr(each, name), theirs.key) for name, own, theirs in pointing}
        rows.append(row | _first_version(mapper))
        session.expunge(each)
    return Write(INSERT, mapper.local_table, rows)


def _first_version(mapper: Any) -> dict[str, int]:
    return {} if mapper.version_id_col is None else {mapper.version_id_col.key: 1}


def _change(session: Session, objects: Sequence[Any]) -> Write:
    mapper = sa.inspect(objects[0]).mapper
    names = {name for each in objects for name in _names(each, mapper.column_attrs)}
    names |= {mapper.get_property_by_column(key).key for key in mapper.primary_key}
    rows = [{mapper.columns[name].key: getattr(each, name) for name in names} for each in objects]
    version = mapper.version_id_col
    for each, row in zip(objects, rows, strict=True):
        session.expunge(each)
        if version is not None:
            row[version.key] = getattr(each, mapper.get_property_by_column(version).key) + 1
    return Write(UPDATE, mapper.local_table, rows)


def _names(each: Any, attributes: Any) -> set[str]:
    """Which of the attributes have another value than the store."""
    return set(attributes.keys()) - sa.inspect(each).unmodified


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
