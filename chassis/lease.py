"""The lease on a store: only its holder may relay, so that order holds whatever is started twice."""

import fcntl
import os
from typing import IO, Protocol

import sqlalchemy as sa

from chassis.store import Store

_LOCK = 0x616E6372  # any number will do, as long as it is this one everywhere


class Lease(Protocol):
    def acquire(self) -> bool:
        """Whether the lease is ours now; asked again, whether it still is."""

    def release(self) -> None: ...


def lease_on(store: Store) -> Lease:
    return FileLease(f"{store.engine.url.database}.relay") if store.is_sqlite else SessionLease(store.engine)


class FileLease:
    """A lock on a file beside a SQLite store; it goes with the process."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def acquire(self) -> bool:
        if self._file:
            return True
        file = open(self._path, "w")  # noqa: SIM115 - the open file is the lease
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        file.write(str(os.getpid()))
        file.flush()
        self._file = file
        return True

    def release(self) -> None:
        if self._file:
            self._file.close()
            self._file = None


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

    def release(self) -> None:
        if self._connection:
            # not back to the pool: a pooled connection would keep the lock
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
