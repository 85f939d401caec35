"""The lease on a store: only its holder may relay, so that order holds whatever is started twice."""

import fcntl
import os
import select
import socket
import sqlite3
import threading
import time
from contextlib import suppress
from typing import IO, Any, Protocol

import sqlalchemy as sa

from chassis.store import STIRRED, Store

_LOCK = 0x616E6372  # any number will do, as long as it is this one everywhere

LOOK_S = 0.02  #: between two looks at a SQLite store, for what other processes have committed


class Lease(Protocol):
    def acquire(self) -> bool:
        """Whether the lease is ours now; asked again, whether it still is."""

    def wake(self) -> None:
        """Ends the rest, now or the next one: this process has left something in the outbox."""

    def rest(self, seconds: float) -> None:
        """Until somebody wakes us, another process has left something in the outbox, or so long at most."""

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
        self._awake = threading.Event()

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

    def wake(self) -> None:
        self._awake.set()

    def rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._awake.wait(LOOK_S) and not self._stirred() and time.monotonic() < until:
            pass
        self._awake.clear()

    def _stirred(self) -> bool:
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
    """A PostgreSQL advisory lock; it goes with the database session, so each look asks whether that still lives.

    The same session listens for the word that other processes leave with their commits.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._connection: sa.Connection | None = None
        self._bell, self._button = socket.socketpair()
        for end in (self._bell, self._button):
            end.setblocking(False)

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
            _driver(connection).add_notify_handler(lambda _said: None)  # without one it would keep them all
            connection.exec_driver_sql(f"LISTEN {STIRRED}")
            return True
        self.release()
        return False

    def wake(self) -> None:
        with suppress(BlockingIOError):  # so much ringing is heard anyway
            self._button.send(b"!")

    def rest(self, seconds: float) -> None:
        ears = [self._bell] if self._connection is None else [self._bell, _driver(self._connection)]
        heard, _, _ = select.select(ears, [], [], seconds)
        if self._bell in heard:
            self._bell.recv(4096)
        if len(heard) > (self._bell in heard):
            self.acquire()  # takes in what was said, and notices if it was the end

    def release(self) -> None:
        if self._connection:
            # not back to the pool: a pooled connection would keep the lock
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


def _driver(connection: sa.Connection) -> Any:
    """psycopg's own connection, which has a file number."""
    return connection.connection.driver_connection
