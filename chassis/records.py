"""What becomes of many objects, as few writes (`docs/decisions/0015-few-statements.md`).

Of those that SQLAlchemy's session holds, what is new and what changed is taken from it. It keeps account of every
attribute, though: where a transaction makes or changes hundreds of a kind, they are plain `Records`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import get_history

from chassis.rows import INSERT, UPDATE, Write

T = TypeVar("T")


class Records(Generic[T]):
    """Plain objects of one table that one transaction made, or read and locked: compared once, at the end."""

    def __init__(self, table: sa.Table, row_of: Callable[[T], Mapping[str, Any]] = vars) -> None:
        self._table = table
        self._row_of = row_of  #: every column of the table
        self.new: list[T] = []
        self._read: list[tuple[T, dict[str, Any]]] = []

    def add(self, each: T) -> None:
        """Written with the rest, at the end."""
        self.new.append(each)

    def keep(self, found: Iterable[T]) -> list[T]:
        """These have just been read; what becomes of them is written at the end."""
        read = list(found)
        self._read += [(each, dict(self._row_of(each))) for each in read]
        return read

    def forget(self, goes: Callable[[T], bool]) -> None:
        """Those that are erased meanwhile are not written."""
        self.new = [each for each in self.new if not goes(each)]
        self._read = [(each, before) for each, before in self._read if not goes(each)]

    @property
    def writes(self) -> list[Write]:
        """What the store does not know yet."""
        added = Write(INSERT, self._table, [dict(self._row_of(each)) for each in self.new])
        return [added, Write(UPDATE, self._table, self._changed())]

    def _changed(self) -> list[dict[str, Any]]:
        pairs = [(dict(self._row_of(each)), before) for each, before in self._read]
        changed = [(now, before) for now, before in pairs if now != before]
        differing = {name for now, before in changed for name in now if now[name] != before[name]}
        differing |= set(self._table.primary_key.columns.keys())
        return [{name: now[name] for name in now if name in differing} for now, _before in changed]


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
    """New objects of these classes with what they own, one write a table; the session lets go of them.

    For tables whose columns are set by hand, follow from the object that owns the row or count up by themselves.
    """
    rows: dict[sa.Table, list[dict[str, Any]]] = {}
    for each in [each for cls in classes for each in session.new if type(each) is cls]:
        _enter(rows, each, {})
        session.expunge(each)
    return [Write(INSERT, table, given) for table, given in rows.items()]


def _enter(rows: dict[sa.Table, list[dict[str, Any]]], each: Any, pointing: dict[str, Any]) -> None:
    """The object's row, with the values that point to its owner, and those of all that it owns."""
    mapper = sa.inspect(each).mapper
    table = mapper.local_table
    named = ((mapper.columns[name], getattr(each, name)) for name in list(mapper.column_attrs.keys()))
    row = {column.key: value for column, value in named if column is not table.autoincrement_column}
    rows.setdefault(table, []).append(row | pointing | _first_version(mapper))
    for name, to in mapper.relationships.items():
        pointing = {theirs.key: getattr(each, own.key) for own, theirs in to.local_remote_pairs}
        for owned in getattr(each, name):
            _enter(rows, owned, pointing)


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
    """Which of the attributes have another value than the store: one may have been set to the same again."""
    set_anew = set(attributes.keys()) - sa.inspect(each).unmodified
    return {name for name in set_anew if get_history(each, name).has_changes()}
