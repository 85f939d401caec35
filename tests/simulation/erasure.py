"""Whether nobody knows anything any more of whom everybody was told to forget."""

import json
from typing import TYPE_CHECKING, Any

from tests.simulation.ledger import Broken
from tests.simulation.storage import Storage

if TYPE_CHECKING:
    from tests.simulation.world import World

#: tables that may name an erased referral: that it was erased, what was handled, who looked or decided, what keeps
#: it out, and where a waiting list ended once
NAMING = {"erased", "inbox", "audit", "audit_listed", "operator_actions", "participations", "subjects", "lanes"}
#: what may be left of an erased participation; the reason is a code, of who was withdrawn before we knew them
LEFT = {"id", "reference", "state", "since", "version", "reason"}


def check_erasure(world: "World") -> None:
    erased = world.ledger.erased
    for part in world.parts.values() if erased else ():
        _outbox(part.storage, erased)
        for table in _tables(part.storage) - NAMING - {"outbox"}:
            _table(part.storage, table, erased)
    for name in ("placement", "evaluation") if erased else ():
        _participations(world.parts[name].storage, erased)


def _tables(storage: Storage) -> set[str]:
    return {row["name"] for row in storage.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _table(storage: Storage, table: str, erased: set[str]) -> None:
    for row in storage.rows(f'SELECT * FROM "{table}"'):  # noqa: S608 - a name out of the database itself
        for reference in erased:
            if any(reference in _text(value) for value in tuple(row)):
                raise Broken("erasure", f"{table} of {storage.name} still knows of {reference}, who is erased")


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _outbox(storage: Storage, erased: set[str]) -> None:
    """What was told stays, without what it said."""
    for row in storage.rows("SELECT type, subject, body FROM outbox"):
        if row["subject"] in erased and json.loads(row["body"])["data"] and row["type"] != "referral.erased.v1":
            raise Broken("erasure", f"the outbox of {storage.name} still says {row['type']} of {row['subject']}")


def _participations(storage: Storage, erased: set[str]) -> None:
    for row in storage.rows("SELECT * FROM participations"):
        known = {name for name in row.keys() if name not in LEFT and row[name] not in (None, 0, "{}", "")}  # noqa: SIM118
        if row["reference"] in erased and known:
            raise Broken("erasure", f"{storage.name} still knows {sorted(known)} of {row['reference']}, who is erased")
