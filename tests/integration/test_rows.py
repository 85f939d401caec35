"""Many rows in one statement, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.rows import among, claim, insert_all, insert_new
from chassis.store import Store, inbox, outbox, service_metadata

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    on_file = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'rows.db'}" if on_file else request.getfixturevalue("database_url")
    store = Store("rows", url, service_metadata(), tmp_path)
    store.metadata.create_all(store.engine)
    yield store
    store.dispose()


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
        insert_new(session, inbox, _heard("a", "b"))
    with store.writing() as session:
        assert claim(session, inbox, _heard("b", "c", "d"), inbox.c.event_id) == {"c", "d"}
        insert_new(session, inbox, _heard("a", "e"))
    with store.reading() as session:
        assert sorted(session.scalars(sa.select(inbox.c.event_id))) == ["a", "b", "c", "d", "e"]


def test_keys_are_found_among_many_and_none_among_none(store: Store) -> None:
    with store.writing() as session:
        insert_new(session, inbox, _heard("a", "b", "c"))
    with store.reading() as session:
        found = sa.select(inbox.c.event_id).where(among(session, inbox.c.event_id, ["a", "c", "z"]))
        assert sorted(session.scalars(found)) == ["a", "c"]
        assert session.scalars(sa.select(inbox.c.event_id).where(among(session, inbox.c.event_id, []))).all() == []
