"""Stores as their migrations leave them: gone through once a process, and copied from then on."""

from pathlib import Path

import psycopg
import sqlalchemy as sa
from psycopg import sql

from chassis.migrations import migrate
from chassis.store import Store

_files: dict[tuple[str, Path], bytes] = {}
_databases: dict[tuple[str, Path, int | None], str] = {}


def bring_up(store: Store) -> None:
    """As `migrate` does; a store that holds nothing yet becomes a copy of one that was migrated."""
    if store.is_sqlite:
        _bring_up_file(store, Path(store.engine.url.database or ""))
    else:
        _bring_up_database(store, store.engine.url)


def _bring_up_file(store: Store, file: Path) -> None:
    key = (store.name, store.migrations)
    if file.exists():
        migrate(store)
    elif key in _files:
        file.write_bytes(_files[key])
    else:
        migrate(store)
        store.dispose()  # the last connection takes all into the file
        _files[key] = file.read_bytes()


def _bring_up_database(store: Store, url: sa.URL) -> None:
    key = (store.name, store.migrations, url.port)
    if sa.inspect(store.engine).get_table_names():
        migrate(store)
    elif key in _databases:
        store.dispose()  # nobody may be connected to either of the two
        _copy(url, _databases[key], str(url.database))
    else:
        migrate(store)
        store.dispose()
        _databases[key] = f"migrated_{len(_databases)}"
        _copy(url, str(url.database), _databases[key])


def _copy(url: sa.URL, source: str, target: str) -> None:
    server = url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(target)))
        names = sql.Identifier(target), sql.Identifier(source)
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
