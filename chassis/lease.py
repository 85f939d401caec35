"""The lease on a store: only its holder may relay, so that order holds whatever is started twice."""

import fcntl
import os
import sqlite3
from typing import IO, Protocol

import sqlalchemy as sa

from chassis.store import Store, outbox

_LOCK = 0x616E6372  # any number will do, as long as it is this one everywhere

_ANY_UNSENT = sa.select(sa.exists().where(outbox.c.sent_at.is_(None)))


class Lease(Protocol):
    def acquire(self) -> bool:
        """Whether the lease is ours now; asked again, whether it still is."""

    def stirred(self) -> bool:
        """Whether the outbox may hold what was not there at the last look; far cheaper than looking."""

    def release(self) -> None: ...


def lease_on(store: Store) -> Lease:
    return FileLease(str(store.engine.url.database)) if store.is_sqlite else SessionLease(store.engine)


class FileLease:
    """A lock on a file beside a SQLite store; it goes with the process."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._file: IO[str] | None = None
        self._connection: sqlite3.Connection | None = None
        self._version = 0

    def acquire(self) -> bool:
        if self._file:
            return True
        file = open(f"{self._database}.relay", "w")  # noqa: SIM115 - the open file is the lease
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        file.write(str(os.getpid()))
        file.flush()
        self._file = file
        self._connection = sqlite3.connect(self._database, check_same_thread=False)
        return True

    def stirred(self) -> bool:
        """SQLite counts the commits of others for each connection."""
        if self._connection is None:
            return True
        before = self._version
        (self._version,) = self._connection.execute("PRAGMA data_version").fetchone()
        return self._version != before

    def release(self) -> None:
        if self._file and self._connection:
            self._connection.close()
            self._file.close()
            self._file = self._connection = None


class SessionLease:
    """A PostgreSQL advisory lock; it goes with the database session, so each look asks whether that still lives."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._connection: sa.Connection | None = None

    def acquire(self) -> bool:
        try:
            if self._connection:
                self._connection.exec_driver_sql("SELECT 1")
                return True
            return self._try()
        except sa.exc.DBAPIError:
            self.release()
            raise

    def _try(self) -> bool:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._connection = connection
        if connection.scalar(sa.select(sa.func.pg_try_advisory_lock(_LOCK))):
            return True
        self.release()
        return False

    def stirred(self) -> bool:
        return bool(self._connection is None or self._connection.scalar(_ANY_UNSENT))

    def release(self) -> None:
        if self._connection:
            # not back to the pool: a pooled connection would keep the lock
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
