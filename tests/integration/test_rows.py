"""Many rows in one statement, on both databases."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.lease import lease_on
from chassis.rows import (
    INSERT,
    INSERT_NEW,
    UPDATE,
    Write,
    among,
    claim,
    insert_all,
    write,
)
from chassis.store import STIRRED, Store, UTCDateTime, inbox, outbox

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def _told(*ids: str) -> list[dict[str, Any]]:
    rest = {"type": "t", "subject": "s", "body": b"\x00{}", "created_at": NOW}
    return [{"event_id": id} | rest for id in ids]


def _heard(*ids: str) -> list[dict[str, Any]]:
    return [{"event_id": id, "type": "t", "subject": "s", "source": "x", "received_at": NOW} for id in ids]


def test_rows_are_numbered_in_the_order_in_which_they_were_given(store: Store) -> None:
    ids = [f"e{number * 7919 % 500}" for number in range(500)]
    with store.writing() as session:
        insert_all(session, outbox, _told(*ids))
    with store.reading() as session:
        rows = session.execute(sa.select(outbox).order_by(outbox.c.seq)).all()
    assert [row.event_id for row in rows] == ids
    assert {(row.body, row.created_at) for row in rows} == {(b"\x00{}", NOW)}


def test_only_what_is_new_is_claimed(store: Store) -> None:
    with store.writing() as session:
        write(session, [Write(INSERT_NEW, inbox, _heard("a", "b"))])
    with store.writing() as session:
        assert claim(session, inbox, _heard("b", "c", "d"), inbox.c.event_id) == {"c", "d"}
        write(session, [Write(INSERT_NEW, inbox, _heard("a", "e"))])
    with store.reading() as session:
        assert sorted(session.scalars(sa.select(inbox.c.event_id))) == ["a", "b", "c", "d", "e"]


def test_keys_are_found_among_many_and_none_among_none(store: Store) -> None:
    with store.writing() as session:
        write(session, [Write(INSERT_NEW, inbox, _heard("a", "b", "c"))])
    with store.reading() as session:
        found = sa.select(inbox.c.event_id).where(among(session, inbox.c.event_id, ["a", "c", "z"]))
        assert sorted(session.scalars(found)) == ["a", "c"]
        assert session.scalars(sa.select(inbox.c.event_id).where(among(session, inbox.c.event_id, []))).all() == []


_kinds = sa.Table(
    "kinds",
    sa.MetaData(),
    sa.Column("text", sa.String, primary_key=True),
    sa.Column("number", sa.Float),
    sa.Column("whether", sa.Boolean),
    sa.Column("bytes", sa.LargeBinary),
    sa.Column("moment", UTCDateTime),
    sa.Column("day", sa.Date),
    sa.Column("facts", sa.JSON),
)
_VALUES = (
    ("", None, None, None, None, None, None),
    ("NULL", -0.1, True, b"", NOW, NOW.date(), {}),
    (
        'a "b", {c} \\d\\ \n\u2019 \U0001f600',
        1e300,
        False,
        b'\x00"\\{}\xff',
        NOW,
        NOW.date(),
        [{"é": '"\\"'}, None, 1.5],
    ),
    ("null", 3, False, "é".encode(), NOW.replace(microsecond=7), NOW.date(), "text"),
)


def test_every_kind_of_value_arrives_as_it_was(store: Store) -> None:
    _kinds.create(store.engine)
    names = _kinds.columns.keys()
    with store.writing() as session:
        insert_all(session, _kinds, [dict(zip(names, values, strict=True)) for values in _VALUES])
    with store.reading() as session:
        rows = session.execute(sa.select(_kinds)).all()
    assert sorted(map(tuple, rows), key=str) == sorted(_VALUES, key=str)


def test_several_writes_go_together(store: Store) -> None:
    with store.writing() as session:
        insert_all(session, inbox, _heard("a", "b", "c"))
    done = [{"event_id": id, "handled_at": NOW, "duration_ms": 2.5} for id in ("a", "b")]
    with store.writing() as session:
        several = [Write(UPDATE, inbox, done), Write(INSERT_NEW, inbox, _heard("c", "d")), Write(INSERT, outbox, [])]
        write(session, [*several, Write(INSERT, outbox, _told("e"))])
    with store.reading() as session:
        rows = session.execute(sa.select(inbox).order_by(inbox.c.event_id)).all()
        assert session.scalars(sa.select(outbox.c.event_id)).all() == ["e"]
    assert [(row.event_id, row.duration_ms) for row in rows] == [("a", 2.5), ("b", 2.5), ("c", None), ("d", None)]


def test_another_process_is_told_of_a_commit(store: Store) -> None:
    lease = lease_on(store)
    assert lease.acquire()
    lease.rest(0.1)
    other = Store("rows", store.engine.url.render_as_string(hide_password=False), store.metadata, store.migrations)
    with other.writing() as session:
        write(session, [Write(INSERT, outbox, _told("e"))], STIRRED)
    begun = time.monotonic()
    lease.rest(60)
    assert time.monotonic() - begun < 30
    lease.release()
    other.dispose()


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_a_connection_that_has_rested_is_asked_and_keeps_its_prepared_statements(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.store.RESTED_S", 0)
    for _ in range(10):
        with store.writing() as session:
            write(session, [Write(INSERT_NEW, inbox, _heard("a"))])
    with store.reading() as session:
        assert session.scalar(sa.text("SELECT count(*) FROM pg_prepared_statements")) > 0
