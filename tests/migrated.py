"""Stores as their migrations leave them: gone through once a process, and copied from then on."""

from pathlib import Path

from chassis.migrations import migrate
from chassis.store import Store

_copies: dict[tuple[str, Path], bytes] = {}


def bring_up(store: Store) -> None:
    """As `migrate` does; a SQLite file that is not there yet becomes a copy of one that was migrated."""
    file = Path(store.engine.url.database or "")
    if not store.is_sqlite or file.exists():
        migrate(store)
    elif (store.name, store.migrations) in _copies:
        file.write_bytes(_copies[store.name, store.migrations])
    else:
        migrate(store)
        store.dispose()  # the last connection takes all into the file
        _copies[store.name, store.migrations] = file.read_bytes()
