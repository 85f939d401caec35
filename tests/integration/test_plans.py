"""With many old rows, whatever the machinery asks outbox and inbox for is found by an index."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from ancrage import house
from chassis.context import Context
from chassis.relay import WINDOW, Relay
from chassis.rows import UPDATE, Write, claim, write
from chassis.store import inbox, outbox
from tests import at_work, old_rows
from tests.migrated import bring_up
from tests.plans import plans
from tests.together import Together
from tests.toy import make_context

TABLES = ("outbox", "inbox")
OLD_ROWS = 20_000  #: enough for a planner to think before it reads them all

_earlier = outbox.alias("earlier")
#: what must be found: each goes through a whole table, or through a whole index of it
PLANTED = {
    "by a column without an index": sa.select(outbox.c.body).where(outbox.c.event_id == "x"),
    "under another name": sa.select(_earlier.c.body).where(_earlier.c.event_id == "x"),
    "in the order of an index": sa.select(outbox.c.body).where(outbox.c.attempts > 5).order_by(outbox.c.seq).limit(9),
    "all of an index": sa.select(sa.func.count(inbox.c.event_id)),
    "a change": sa.update(inbox).where(inbox.c.attempt == 0).values(attempt=1),
    "a removal": sa.delete(inbox).where(inbox.c.source == "nobody"),
}


@pytest.fixture(params=["sqlite", "postgresql"])
def ping(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Context]:
    url = request.getfixturevalue("postgres").database() if request.param == "postgresql" else None
    context = make_context("ping", tmp_path, url)
    bring_up(context.store)
    yield context
    context.store.dispose()


def test_the_relay_looks_through_what_waits_once_also_where_the_store_believes_that_nothing_does(ping: Context) -> None:
    old_rows.fill(ping, OLD_ROWS)
    old_rows.put_waiting(ping, 2_000)
    relay = Relay(ping, at_work.Refusing())
    with plans(ping.store, TABLES) as taken:
        assert relay.publish_due() == WINDOW
    (plan,) = taken
    assert plan.text.count("ix_outbox_unsent") == 1
    assert plan.text.count("ix_outbox") == 1, plan.text


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def together(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Together]:
    environ = {}
    if request.param == "postgresql":
        postgres = request.getfixturevalue("postgres")
        environ = {f"ANCRAGE_{name.upper()}_DATABASE_URL": postgres.database() for name in house.SERVICES}
    together = Together(tmp_path_factory.mktemp(request.param), environ)
    for context in together.contexts.values():
        old_rows.fill(context, OLD_ROWS)
    yield together
    together.close()


def test_nothing_that_the_machinery_asks_reads_all_of_outbox_or_inbox(together: Together) -> None:
    with ExitStack() as stack:
        each_store = [stack.enter_context(plans(context.store, TABLES)) for context in together.contexts.values()]
        at_work.day_of(together)
    taken = [plan for each in each_store for plan in each]
    assert {plan.statement.split()[0] for plan in taken} >= {"SELECT", "INSERT", "UPDATE", "DELETE"}
    assert [plan for plan in taken if plan.whole(TABLES)] == []


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED)
def test_a_planted_reading_of_all_rows_is_found(together: Together, planted: Any) -> None:
    store = together.contexts["referral"].store
    with plans(store, TABLES) as taken, store.writing() as session:
        session.execute(planted)
    (plan,) = taken
    assert plan.whole(TABLES), plan.text


@pytest.mark.parametrize("together", ["postgresql"], indirect=True)
def test_the_end_of_a_handling_is_noted_without_entering_the_row_into_the_indexes_again(together: Together) -> None:
    told = {"type": "t", "subject": "s", "source": "x", "received_at": datetime.now(UTC)}
    rows = [{"event_id": f"room-{number}"} | told for number in range(300)]
    done = [{"event_id": row["event_id"], "handled_at": row["received_at"], "duration_ms": 1.0} for row in rows]
    for context in together.contexts.values():
        with context.store.writing() as session:
            claim(session, inbox, rows, inbox.c.event_id)
            before = _stayed(session)
            write(session, [Write(UPDATE, inbox, done)])
            stayed = _stayed(session) - before
        assert stayed > 270, f"{context.name}: {stayed}"  # some fill the last page of the rows before them


def _stayed(session: Session) -> int:
    """Changed rows of the inbox that stayed on their page."""
    return session.scalar(sa.text("SELECT pg_stat_get_xact_tuples_hot_updated('inbox'::regclass)")) or 0
