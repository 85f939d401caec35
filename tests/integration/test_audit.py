"""The audit: only added to, chained, and right with many writers at once; on both databases."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from chassis import audit
from chassis.audit.tables import audit as rows
from chassis.audit.tables import audit_listed
from chassis.context import Context
from tests.migrated import bring_up
from tests.toy import make_context

WHO = audit.Actor(account="a-1", role="reader", organisation="office")


@pytest.fixture(params=["sqlite", "postgresql"])
def context(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Context]:
    url = request.getfixturevalue("database_url") if request.param == "postgresql" else None
    context = make_context("toy", tmp_path, url)
    bring_up(context.store)
    yield context
    context.store.dispose()


def deed(*references: str, listing: bool = False) -> audit.Deed:
    return audit.Deed(kind="thing", action="change", who=lambda: WHO, references=references, listing=listing)


def see(context: Context, *references: str, listing: bool = False) -> None:
    with context.store.writing() as session:
        seen = deed(*references, listing=listing)
        audit.note(context, session, seen, "see", audit.ALLOWED, context.clock.now())


def noted(context: Context) -> list[tuple[str, list[str]]]:
    return [(row["action"], row["references"]) for row in audit.read(context, audit.Asked(), 100)]


def sealed(context: Context, count: int = 5) -> None:
    for number in range(count):
        see(context, f"T-{number}")
    assert audit.seal(context) == count


def test_a_change_is_noted_in_its_own_commit_and_not_without_it(context: Context) -> None:
    with audit.doing(deed("T-1")), context.unit():
        pass
    with pytest.raises(ZeroDivisionError), audit.doing(deed("T-2")), context.unit():
        raise ZeroDivisionError
    assert noted(context) == [("change", ["T-1"])]


def test_several_commits_of_one_request_are_noted_once(context: Context) -> None:
    with audit.doing(deed("T-1")):
        for _ in range(2):
            with context.unit():
                pass
    assert noted(context) == [("change", ["T-1"])]


def test_what_nobody_did_is_not_noted(context: Context) -> None:
    with context.unit():
        pass
    assert noted(context) == []


def test_what_is_no_reference_is_not_written_down(context: Context) -> None:
    see(context, "Amandine Délèze")
    assert noted(context) == [("see", ["(unreadable)"])]


def test_an_untouched_chain_is_whole(context: Context) -> None:
    sealed(context)
    see(context, "T-7", "T-8", listing=True)
    assert audit.seal(context) == 1
    verdict = audit.verify(context)
    assert (verdict.rows, verdict.broken, verdict.unsealed) == (6, None, 0)


def change(context: Context) -> str:
    return "UPDATE audit SET account = 'somebody else' WHERE id = 3"


def hide(context: Context) -> str:
    return "DELETE FROM audit WHERE id = 3"


def list_more(context: Context) -> str:
    return "INSERT INTO audit_listed (entry, reference) VALUES (3, 'T-99')"


def swap(context: Context) -> str:
    """What stood in row 3 stands in row 4, and the other way round."""
    return "UPDATE audit SET reference = CASE id WHEN 3 THEN 'T-3' ELSE 'T-2' END WHERE id IN (3, 4)"


def reorder(context: Context) -> str:
    """Rows 3 and 4 change places in the chain, each with its own digest."""
    return "UPDATE audit SET position = CASE id WHEN 3 THEN 40 ELSE 3 END WHERE id IN (3, 4)"


def empty(context: Context) -> str:
    return "DELETE FROM audit WHERE id < 3"


def without_triggers(context: Context, statement: str) -> None:
    """As somebody who owns the database can."""
    with context.store.engine.begin() as connection:
        if context.store.is_sqlite:
            names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
            for name in names:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            for table in ("audit", "audit_listed", "audit_cuts"):
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize("tamper", [change, hide, list_more, swap, reorder, empty])
def test_the_first_broken_row_is_named(context: Context, tamper: Callable[[Context], str]) -> None:
    sealed(context)
    without_triggers(context, tamper(context))
    broken = audit.verify(context).broken
    assert broken is not None
    assert (broken.position, broken.id) == _FIRST.get(tamper, (3, 3))


#: position and row that are named, where they are not the third
_FIRST = {hide: (3, None), reorder: (3, 4), empty: (1, None)}


def heads(context: Context) -> dict[int, str]:
    """As somebody keeps them who reads the worker's log."""
    verdict = audit.verify(context)
    return {verdict.position: verdict.digest}


def test_a_chain_that_was_cut_at_its_end_is_found_by_the_head_that_was_written_down(context: Context) -> None:
    sealed(context)
    kept = heads(context)
    without_triggers(context, "DELETE FROM audit WHERE id > 3")
    assert audit.verify(context).broken is None, "by itself it looks whole"
    assert audit.verify(context, kept).broken == audit.Broken(4, None, "rows at the end are gone")
    sealed(context, 4)
    broken = audit.verify(context, kept).broken
    assert broken is not None, "also once it went on from there"
    assert broken.position == 5


def test_heads_that_were_written_down_are_found_where_nobody_tampered(context: Context) -> None:
    sealed(context)
    first = heads(context)
    sealed(context, 2)
    assert audit.verify(context, first | heads(context)).broken is None
    context.clock.move(days=400)  # type: ignore[attr-defined]
    audit.cut(context, context.clock.now())
    assert audit.verify(context, first).broken is None, "what was cut off in time is not missing"


def test_a_new_digest_cannot_be_made_without_the_key(context: Context, tmp_path: Path) -> None:
    sealed(context)
    other = make_context("toy", tmp_path / "other", str(context.store.engine.url.render_as_string(False)))
    without_triggers(context, "UPDATE audit SET position = NULL, digest = NULL")
    audit.seal(other)
    other.store.dispose()
    assert audit.verify(context).broken is not None


FORBIDDEN = [
    "UPDATE audit SET account = 'x' WHERE id = 1",
    "DELETE FROM audit WHERE id = 1",
    "UPDATE audit SET position = NULL, digest = NULL",
    "DELETE FROM audit_listed",
    "UPDATE audit_listed SET reference = 'T-5'",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_database_refuses_to_change_or_take_out_a_row(context: Context, statement: str) -> None:
    see(context, "T-1", "T-2", listing=True)
    audit.seal(context)
    with pytest.raises(sa.exc.IntegrityError, match="only added to"), context.store.engine.begin() as connection:
        connection.exec_driver_sql(statement)


def test_an_unsealed_row_is_as_fixed_as_a_sealed_one(context: Context) -> None:
    see(context, "T-1")
    for statement in FORBIDDEN[:2]:
        with pytest.raises(sa.exc.IntegrityError), context.store.engine.begin() as connection:
            connection.exec_driver_sql(statement)


def test_the_chain_is_right_with_many_writers_and_sealers_at_once(context: Context) -> None:
    def write(number: int) -> None:
        for each in range(15):
            see(context, f"T-{number}-{each}")
            if each % 5 == 0:
                audit.seal(context, limit=7)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    while audit.seal(context):
        pass
    verdict = audit.verify(context)
    assert (verdict.rows, verdict.broken) == (60, None)


def test_rows_that_nobody_seals_are_counted(context: Context) -> None:
    see(context, "T-1")
    assert audit.verify(context).unsealed == 0
    context.clock.move(hours=1)  # type: ignore[attr-defined]
    assert audit.verify(context).unsealed == 1


def test_what_is_too_old_is_cut_off_and_the_rest_stays_whole(context: Context) -> None:
    see(context, "T-1", "T-2", listing=True)
    assert audit.seal(context) == 1
    sealed(context, 3)
    context.clock.move(days=400)  # type: ignore[attr-defined]
    sealed(context, 2)
    assert audit.cut(context, context.clock.now() - timedelta(days=365)) == 4
    verdict = audit.verify(context)
    assert (verdict.rows, verdict.cut_at, verdict.broken) == (2, 4, None)
    sealed(context, 1)
    assert audit.verify(context).rows == 3
    with context.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(audit_listed)) == 0


def test_a_cut_that_is_not_ours_is_found(context: Context) -> None:
    sealed(context)
    stroke = "INSERT INTO audit_cuts (position, digest, at, seal) VALUES (2, 'x', '2026-01-01 00:00:00', 'x')"
    without_triggers(context, stroke)
    assert audit.verify(context).broken is not None


def test_pages_follow_each_other_without_gap_or_repetition(context: Context) -> None:
    for number in range(23):
        see(context, f"T-{number}")
        if number % 3:
            context.clock.move(seconds=1)  # type: ignore[attr-defined]
    seen, asked = [], audit.Asked()
    while page := audit.read(context, asked, 5):
        seen += [row["id"] for row in page]
        last = page[-1]
        with context.reading() as session:
            at = session.scalars(sa.select(rows.c.at).where(rows.c.id == last["id"])).one()
        asked = audit.Asked(after=(at, "toy", last["id"]))
    assert seen == list(range(23, 0, -1))


def test_a_list_is_found_by_what_it_showed(context: Context) -> None:
    see(context, "T-1", "T-2", listing=True)
    see(context, "T-3")
    (row,) = audit.read(context, audit.Asked(reference="T-2"), 10)
    assert row["references"] == ["T-1", "T-2"]
    assert audit.read(context, audit.Asked(reference="T-2", account="nobody"), 10) == []
