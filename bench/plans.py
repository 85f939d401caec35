"""How SQLite and PostgreSQL find what a service's machinery asks for, with many rows in outbox and inbox.

`python -m bench --plans --old-rows 1000000` prints each different statement of relay, consumer, failures, clean-up
and operators once, with its plan and, on PostgreSQL, the times of its steps; what reads a whole table is marked.
"""

from collections.abc import Sequence
from pathlib import Path
from textwrap import indent

from ancrage import house
from bench.servers import Servers
from tests import at_work, old_rows
from tests.plans import Plan, plans
from tests.together import Together

TABLES = ("outbox", "inbox", "failures")
GROWING = TABLES[:2]
SERVICE = "referral"  #: the machinery is the same in every one
_WIDE = 160


def show(servers: Servers, folder: Path, rows: int) -> None:
    """Fills one service's store on both databases, and has all of them work."""
    urls = {f"ANCRAGE_{name.upper()}_DATABASE_URL": servers.postgres.database(name) for name in house.SERVICES}
    for database, environ in (("SQLite", {}), ("PostgreSQL", urls)):
        together = Together(folder / database, environ)
        old_rows.fill(together.contexts[SERVICE], rows)
        with plans(together.contexts[SERVICE].store, TABLES, measured=True) as taken:
            at_work.day_of(together)
        together.close()
        print(f"\n# {database}, {rows} rows in outbox and inbox\n")
        _say(taken)


def _say(taken: Sequence[Plan]) -> None:
    for plan in {_alike(plan.statement): plan for plan in taken if plan.text}.values():
        mark = "READS ALL: " if plan.whole(GROWING) else ""
        steps = "\n".join(map(_cut, plan.text.splitlines()))
        print(f"{mark}{_cut(plan.statement)}\n{indent(steps, '    ')}\n")


def _cut(line: str) -> str:
    return line if len(line) <= _WIDE else f"{line[:_WIDE]} …"


def _alike(statement: str) -> str:
    """Without the number of the values of a list."""
    return statement.replace("?, ", "")
