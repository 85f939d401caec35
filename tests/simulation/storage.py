"""A service's database, in memory. It outlives every crash of the service, and begins anew with each seed."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import event

from chassis.migrations import migrate
from chassis.store import Store

#: as SQLite says it when the file is gone; chassis.store knows it as a store that is unreachable
_AWAY = "unable to open database file"


class Storage:
    """The store and what may happen to it: `away`, or failing at one of the next statements, or at a commit."""

    def __init__(self, like: Store) -> None:
        self.store = Store(like.name, "sqlite://", like.metadata, like.migrations)
        self.on_commit: Callable[[], None] = lambda: None
        self.on_rollback: Callable[[], None] = lambda: None
        self._connection = sqlite3.connect(":memory:", factory=_Connection)
        self._connection.storage = self
        event.listen(self.store.engine, "do_connect", lambda *_: self._connection)
        self.commits = 0
        self.heal()
        migrate(self.store)
        self._fresh = sqlite3.connect(":memory:")
        self._connection.backup(self._fresh)

    @property
    def name(self) -> str:
        return self.store.name

    def begin_anew(self) -> None:
        self.heal()
        self._connection.rollback()
        self._fresh.backup(self._connection)
        self.commits = 0

    def heal(self) -> None:
        self.away = False
        self.statements_left: int | None = None  #: until one fails as if the connection had broken
        self.commits_left: int | None = None  #: until one is done, and its answer is lost

    @property
    def changes(self) -> int:
        """Grows with each row that is written."""
        return self._connection.total_changes

    def rows(self, query: str, *parameters: Any) -> list[Any]:
        """Read past the service and past all trouble: what is really there."""
        cursor = sqlite3.Cursor(self._connection)
        cursor.row_factory = sqlite3.Row
        return cursor.execute(query, parameters).fetchall()

    def value(self, query: str, *parameters: Any) -> Any:
        return self.rows(query, *parameters)[0][0]

    def touch(self) -> None:
        if self.statements_left is not None:
            self.statements_left -= 1
            if self.statements_left < 0:
                self.statements_left = None
                raise sqlite3.OperationalError("disk I/O error")
        if self.away:
            raise sqlite3.OperationalError(_AWAY)

    def committed(self) -> None:
        self.commits += 1
        self.on_commit()
        if self.commits_left is not None:
            self.commits_left -= 1
            if self.commits_left < 0:
                self.commits_left = None
                raise sqlite3.OperationalError("disk I/O error")


class _Cursor(sqlite3.Cursor):
    connection: "_Connection"

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> "_Cursor":  # type: ignore[override]
        self.connection.storage.touch()
        return super().execute(sql, parameters)  # type: ignore[return-value]

    def executemany(self, sql: str, parameters: Any) -> "_Cursor":  # type: ignore[override]
        self.connection.storage.touch()
        return super().executemany(sql, parameters)  # type: ignore[return-value]


class _Connection(sqlite3.Connection):
    storage: Storage

    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)

    def commit(self) -> None:
        changing = self.in_transaction
        if changing:
            self.storage.touch()
        super().commit()
        if changing:
            self.storage.committed()

    def rollback(self) -> None:
        super().rollback()
        self.storage.on_rollback()

    def close(self) -> None:
        """Stays: the data would go with it."""
