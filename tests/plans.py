"""How a store finds what real code asks it for: the plan of each statement, taken at the moment at which it is said."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from chassis.store import Store

#: an index of few rows, however many the table has: reading all of it is what it is for
_OF_FEW = "ix_outbox_unsent"


@dataclass(frozen=True)
class Plan:
    statement: str
    text: str

    def whole(self, tables: Sequence[str]) -> list[str]:
        """The steps that go through all rows of one of the tables, or through all of one of its indexes."""
        names = "|".join([*tables, *re.findall(rf"\b(?:{'|'.join(tables)}) AS (\w+)", self.statement)])
        found = [
            rf"Seq Scan on (?:{names})\b.*",
            rf"Index (?:Only )?Scan .*using (?!{_OF_FEW}\b)\w+ on (?:{names})\b.*(?!\n\s*Index Cond)$",
            rf"SCAN (?:{names})\b(?! USING (?:COVERING )?INDEX {_OF_FEW}\b).*",
        ]
        return re.findall("|".join(found), self.text, re.MULTILINE)


@contextmanager
def plans(store: Store, tables: Sequence[str], *, measured: bool = False) -> Iterator[list[Plan]]:
    """The plans of what is said within it to one of the tables; `measured` with the times that the steps took."""
    taken: list[Plan] = []
    concerns = re.compile(rf"\b(?:{'|'.join(tables)})\b")

    def take(_connection: Any, cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if concerns.search(statement):
            explain = _of_sqlite if store.is_sqlite else _measured if measured else _of_postgresql
            text = explain(cursor.connection.cursor(), statement, parameters[0] if many else parameters)
            taken.append(Plan(" ".join(statement.split()), text))

    sa.event.listen(store.engine, "before_cursor_execute", take)
    try:
        yield taken
    finally:
        sa.event.remove(store.engine, "before_cursor_execute", take)


def _of_sqlite(cursor: Any, statement: str, parameters: Any) -> str:
    return _lines(cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters))


def _of_postgresql(cursor: Any, statement: str, parameters: Any) -> str:
    return _lines(cursor.execute(f"EXPLAIN (COSTS OFF) {statement}", parameters))


def _measured(cursor: Any, statement: str, parameters: Any) -> str:
    """Carries it out, and undoes it."""
    within = ("SAVEPOINT measured", "ROLLBACK TO SAVEPOINT measured")
    begin, undo = ("BEGIN", "ROLLBACK") if cursor.connection.autocommit else within
    cursor.execute(begin)
    text = _lines(cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF) {statement}", parameters))
    cursor.execute(undo)
    return text


def _lines(rows: Any) -> str:
    return "\n".join(str(row[-1]) for row in rows)
