"""Many objects that are new or have changed, as few writes, on both databases."""

from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import registry, relationship

from chassis.records import Records, additions, changes
from chassis.rows import INSERT, UPDATE, Write, write
from chassis.store import Store


class Thing:
    def __init__(self, name: str, size: int) -> None:
        self.name, self.size = name, size


class Owner:
    def __init__(self, name: str) -> None:
        self.name, self.size, self.parts = name, 1, [Part(f"{name}1"), Part(f"{name}2")]


class Part:
    def __init__(self, name: str) -> None:
        self.name, self.done = name, False


_mapping = registry()
_things = sa.Table(
    "things",
    _mapping.metadata,
    sa.Column("name", sa.String(9), primary_key=True),
    sa.Column("size", sa.Integer),
    sa.Column("version", sa.Integer),
)
_parts = sa.Table(
    "parts",
    _mapping.metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(9)),
    sa.Column("owner", sa.ForeignKey("owners.name")),
    sa.Column("done", sa.Boolean),
)
_owners = sa.Table(
    "owners", _mapping.metadata, sa.Column("name", sa.String(9), primary_key=True), sa.Column("size", sa.Integer)
)
_mapping.map_imperatively(Thing, _things, version_id_col=_things.c.version)
_mapping.map_imperatively(Part, _parts)
_mapping.map_imperatively(Owner, _owners, properties={"parts": relationship(Part, cascade="all, delete-orphan")})

_boxes = sa.Table(
    "boxes",
    _mapping.metadata,
    sa.Column("name", sa.String(9), primary_key=True),
    sa.Column("size", sa.Integer),
    sa.Column("full", sa.Boolean),
)


@dataclass
class Box:
    name: str
    size: int
    full: bool = False


@pytest.fixture
def things(store: Store) -> sa.Table:
    _mapping.metadata.create_all(store.engine)
    with store.writing() as session:
        session.add_all([Thing("a", 1), Thing("b", 2), Thing("c", 3)])
        write(session, [Write(INSERT, _boxes, [vars(Box(name, 1)) for name in "abc"])])
    return _things


def _found(store: Store, things: sa.Table) -> list[tuple[str, int, int]]:
    with store.reading() as session:
        return [tuple(row) for row in session.execute(sa.select(things).order_by(things.c.name))]


def test_what_changed_in_several_objects_is_one_write(store: Store, things: sa.Table) -> None:
    with store.writing() as session:
        for each in session.scalars(sa.select(Thing).where(things.c.name != "c")).all():
            each.size += 10
        changed = changes(session)
        assert [(each.kind, len(each.rows)) for each in changed] == [(UPDATE, 2)]
        assert not session.dirty
        write(session, changed)
    assert _found(store, things) == [("a", 11, 2), ("b", 12, 2), ("c", 3, 1)]


def test_what_was_set_to_the_same_again_has_not_changed(store: Store, things: sa.Table) -> None:
    with store.writing() as session:
        for each in session.scalars(sa.select(Thing)).all():
            each.size = max(each.size, 2)
        assert changes(session) == []  # one alone is left to the session
    assert _found(store, things) == [("a", 2, 2), ("b", 2, 1), ("c", 3, 1)]


def test_what_owns_others_and_what_is_owned_both_change(store: Store, things: sa.Table) -> None:
    with store.writing() as session:
        session.add_all([Owner("a"), Owner("b")])
    with store.writing() as session:
        for owner in session.scalars(sa.select(Owner)).all():
            owner.size = 2
            for part in owner.parts:
                part.done = True
        changed = changes(session)
        assert [each.table.name for each in changed] == ["parts"]
        session.flush()
        write(session, changed)
    with store.reading() as session:
        assert session.scalars(sa.select(_owners.c.size)).all() == [2, 2]
        assert session.scalars(sa.select(_parts.c.done)).all() == [True] * 4


def test_new_objects_are_one_write(store: Store, things: sa.Table) -> None:
    with store.writing() as session:
        session.add_all([Thing("d", 4), Thing("e", 5)])
        new = additions(session, [Thing])
        assert not session.new
        write(session, new)
    assert _found(store, things)[3:] == [("d", 4, 1), ("e", 5, 1)]


def test_new_objects_and_what_they_own_are_a_write_each(store: Store, things: sa.Table) -> None:
    with store.writing() as session:
        session.add_all([Owner("a"), Thing("d", 4), Owner("b")])
        new = additions(session, [Owner])
        assert [(each.table.name, len(each.rows)) for each in new] == [("owners", 2), ("parts", 4)]
        assert [type(each) for each in session.new] == [Thing]
        write(session, new)
    with store.reading() as session:
        rows = session.execute(sa.select(_parts.c.owner, _parts.c.name).order_by(_parts.c.id))
        assert [tuple(row) for row in rows] == [("a", "a1"), ("a", "a2"), ("b", "b1"), ("b", "b2")]


def test_a_single_changed_object_is_left_to_the_session_which_compares_versions(store: Store, things: sa.Table) -> None:
    with store.writing() as session:
        session.scalars(sa.select(Thing)).first().size = 5
        assert changes(session) == []
    assert [version for _name, _size, version in _found(store, things)] == [2, 1, 1]


def test_plain_objects_that_are_new_or_have_changed_are_a_write_each(store: Store, things: sa.Table) -> None:
    boxes: Records[Box] = Records(_boxes)
    with store.writing() as session:
        read = boxes.keep(Box(*row) for row in session.execute(sa.select(_boxes).order_by(_boxes.c.name)))
        read[0].size, read[1].full, read[2].size = 7, True, 1
        boxes.add(Box("d", 4))
        added, changed = boxes.writes
        assert [row["name"] for row in added.rows] == ["d"]
        assert changed.rows == [{"name": "a", "size": 7, "full": False}, {"name": "b", "size": 1, "full": True}]
        write(session, boxes.writes)
    assert _found(store, _boxes) == [("a", 7, False), ("b", 1, True), ("c", 1, False), ("d", 4, False)]


def test_plain_objects_that_are_erased_meanwhile_are_not_written(store: Store, things: sa.Table) -> None:
    boxes: Records[Box] = Records(_boxes)
    with store.writing() as session:
        read = boxes.keep(Box(*row) for row in session.execute(sa.select(_boxes).order_by(_boxes.c.name)))
        read[0].size = read[1].size = 7
        boxes.add(Box("d", 4))
        boxes.forget(lambda box: box.name in "ad")
        write(session, boxes.writes)
    assert _found(store, _boxes) == [("a", 1, False), ("b", 7, False), ("c", 1, False)]
