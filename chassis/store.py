"""The store of a service: its engine, its sessions, and the tables that every store has."""

import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

STATEMENT_TIMEOUT_S = 10  #: no statement of ours needs longer; a stuck one must not hold a worker for good
LOCK_TIMEOUT_S = 5
CONNECT_TIMEOUT_S = 5
STIRRED = "outbox_stirred"  #: the channel on which PostgreSQL tells the relay of another process's commits
RESTED_S = 1.0  #: a pooled connection unused for so long is asked first whether it still lives


def can_be_held(text: str) -> bool:
    """Whether every store can: PostgreSQL takes no NUL, and half a surrogate pair is in no encoding."""
    return "\x00" not in text and not any("\ud800" <= each <= "\udfff" for each in text)


class StoreUnreachable(RuntimeError):
    """The store does not answer; nothing is wrong with what was asked of it."""


class UTCDateTime(sa.TypeDecorator[datetime]):
    """An aware datetime in, the same instant in UTC out, on every database."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime says no instant")
        return value.astimezone(UTC).replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


#: a 64-bit key that counts up by itself on both databases
Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


#: names of constraints and indexes, the same on every database, so that migrations can name them
_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def service_metadata() -> sa.MetaData:
    """A fresh MetaData with the tables every store has; the service adds its own."""
    from chassis.audit.tables import audit_metadata  # its tables are made of this module's types

    metadata = sa.MetaData(naming_convention=_NAMES)
    ours = (outbox, inbox, failures, operator_actions, heartbeats, forgotten, ended_sessions, kept_forms, erased)
    for table in (*ours, *audit_metadata.sorted_tables):
        table.to_metadata(metadata)
    return metadata


_chassis = sa.MetaData(naming_convention=_NAMES)

outbox = sa.Table(
    "outbox",
    _chassis,
    sa.Column("seq", Serial, primary_key=True, autoincrement=True),
    sa.Column("event_id", sa.String(36), nullable=False),
    sa.Column("type", sa.String(100), nullable=False),
    sa.Column("subject", sa.String(100), nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),  # the envelope, byte for byte as committed
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.Column("sent_at", UTCDateTime),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("last_error", sa.Text),
    sqlite_autoincrement=True,  # a number is given once, also where its row has gone
)
sa.Index(
    "ix_outbox_unsent",
    outbox.c.seq,
    postgresql_where=outbox.c.sent_at.is_(None),
    sqlite_where=outbox.c.sent_at.is_(None),
)
sa.Index("ix_outbox_subject", outbox.c.subject)
sent_long_ago = sa.Index(
    "ix_outbox_sent",
    outbox.c.sent_at,
    postgresql_where=outbox.c.sent_at.is_not(None),
    sqlite_where=outbox.c.sent_at.is_not(None),
)

inbox = sa.Table(
    "inbox",
    _chassis,
    sa.Column("event_id", sa.String(200), primary_key=True),
    sa.Column("type", sa.String(100), nullable=False),
    sa.Column("subject", sa.String(100), nullable=False),
    sa.Column("source", sa.String(100), nullable=False),
    sa.Column("received_at", UTCDateTime, nullable=False),
    sa.Column("handled_at", UTCDateTime),
    sa.Column("duration_ms", sa.Float),  # of the transaction; a batch shares one
    sa.Column("attempt", sa.Integer, nullable=False, server_default="1"),
)
sa.Index("ix_inbox_subject", inbox.c.subject)
received_long_ago = sa.Index("ix_inbox_received", inbox.c.received_at)

failures = sa.Table(
    "failures",
    _chassis,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("event_id", sa.String(200), nullable=False, unique=True),
    sa.Column("type", sa.String(100)),  # None where the message could not be read
    sa.Column("subject", sa.String(100)),
    sa.Column("source", sa.String(100)),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("headers", sa.JSON, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_attempt_at", UTCDateTime),
    sa.Column("error_type", sa.String(200)),
    sa.Column("message", sa.Text),
    sa.Column("traceback", sa.Text),
    sa.Column("group", sa.String(64)),  # same cause, same group
    sa.Column("first_at", UTCDateTime, nullable=False),
    sa.Column("last_at", UTCDateTime, nullable=False),
    sa.Column("note", sa.Text),
    sqlite_autoincrement=True,  # operators call a failure by its number
)
sa.Index("ix_failures_state", failures.c.state, failures.c.next_attempt_at)
sa.Index("ix_failures_subject", failures.c.subject)

WHO = 200  #: characters of whoever acted, as they call themselves

operator_actions = sa.Table(
    "operator_actions",
    _chassis,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("at", UTCDateTime, nullable=False),
    sa.Column("who", sa.String(WHO), nullable=False),
    sa.Column("action", sa.String(20), nullable=False),
    sa.Column("event_id", sa.String(200), nullable=False),
    sa.Column("why", sa.Text, nullable=False),
)

heartbeats = sa.Table(
    "heartbeats",
    _chassis,
    sa.Column("worker", sa.String(100), primary_key=True),
    sa.Column("seen_at", UTCDateTime, nullable=False),
    sa.Column("started_at", UTCDateTime, nullable=False),
    sa.Column("ready", sa.Boolean, nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),  # consuming, relaying, queue_depth, trouble
)

forgotten = sa.Table(
    "forgotten",
    _chassis,
    sa.Column("what", sa.String(10), primary_key=True),  # outbox, inbox
    sa.Column("before", UTCDateTime, nullable=False),  # rows of before this moment may be gone
    sa.Column("at", UTCDateTime, nullable=False),  # when some were last removed
)

#: whose sessions are over before their time; `before`: those that began before it. A session that its owner signed out
#: of stands here by its own id
ended_sessions = sa.Table(
    "ended_sessions",
    _chassis,
    sa.Column("account_id", sa.String(40), primary_key=True),
    sa.Column("before", UTCDateTime, nullable=False),
)

#: forms that were sent when their sender's session was over, sealed
kept_forms = sa.Table(
    "kept_forms",
    _chassis,
    sa.Column("id", sa.String(64), primary_key=True),  # a hash: who knows the row does not know the address
    sa.Column("account_id", sa.String(40), nullable=False),
    sa.Column("sealed", sa.Text, nullable=False),
    sa.Column("kept_at", UTCDateTime, nullable=False),
)


#: subjects of whom nothing may be known any more: whatever comes about them later is dropped
erased = sa.Table(
    "erased",
    _chassis,
    sa.Column("subject", sa.String(100), primary_key=True),
    sa.Column("at", UTCDateTime, nullable=False),
)


class Store:
    """One service's own database. Nothing connects before it is first used."""

    def __init__(self, name: str, url: str, metadata: sa.MetaData, migrations: Path) -> None:
        self.name = name
        self.metadata = metadata
        self.migrations = migrations
        self.engine = _engine(url)
        self._readers = self.engine.execution_options(**_READING[self.engine.dialect.name])
        self._alone = self.engine if self.is_sqlite else self._readers

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session in one transaction: committed on leaving, rolled back on an exception."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads; it never waits for a writer."""
        with Session(self._readers) as session:
            yield session

    def look(self, query: sa.Select[Any], parameters: Mapping[str, Any]) -> Sequence[sa.Row[Any]]:
        """The rows of one query: cheaper than a session, in one round trip."""
        with self._readers.connect() as connection:
            return connection.execute(query, parameters).all()

    def write(self, statement: sa.Update, parameters: Mapping[str, Any]) -> None:
        """One statement that is a transaction of its own, in one round trip."""
        with self._alone.begin() as connection:
            connection.execute(statement, parameters)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def insert(self, table: sa.Table) -> Any:
        """An INSERT of the store's own dialect, which knows ON CONFLICT."""
        if self.is_sqlite:
            from sqlalchemy.dialects import sqlite

            return sqlite.insert(table)
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)

    def scrub(self) -> None:
        """Takes what was overwritten or deleted out of SQLite's journal as well; a database server does so itself.

        Raises StoreUnreachable.
        """
        if not self.is_sqlite:
            return
        with self._readers.connect() as connection:
            try:
                connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.OperationalError as error:  # past SQLAlchemy, which would begin a transaction
                raise StoreUnreachable("the journal can't be emptied") from error

    def dispose(self) -> None:
        self.engine.dispose()


#: how a connection is told that it only reads. PostgreSQL gives each statement its own view of the data anyway, so that
#: a transaction around them would only be two round trips more
_READING: dict[str, dict[str, Any]] = {"sqlite": {"reading": True}, "postgresql": {"isolation_level": "AUTOCOMMIT"}}


def _engine(url: str) -> sa.Engine:
    # parameters stay out of errors and so out of logs: they may be anybody's
    if url.startswith("sqlite"):
        engine = sa.create_engine(url, hide_parameters=True, connect_args={"timeout": LOCK_TIMEOUT_S * 2})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    options = f"-c statement_timeout={STATEMENT_TIMEOUT_S}s -c lock_timeout={LOCK_TIMEOUT_S}s -c timezone=UTC"
    connect = {"connect_timeout": CONNECT_TIMEOUT_S, "options": options}
    # the last one given back is the next one taken: it need not be asked whether it still lives
    engine = sa.create_engine(url, hide_parameters=True, connect_args=connect, pool_use_lifo=True)
    event.listen(engine, "checkin", _note_time)
    event.listen(engine, "checkout", _ask_after_rest)
    return engine


def _note_time(_connection: Any, record: Any) -> None:
    record.info["rested_since"] = time.monotonic()


def _ask_after_rest(connection: Any, record: Any, _proxy: Any) -> None:
    # asked at each use it would be a round trip more for every transaction
    if time.monotonic() - record.info.get("rested_since", time.monotonic()) < RESTED_S:
        return
    try:
        connection.autocommit = True  # without a transaction: psycopg prepares all statements anew after a rollback
        connection.execute("SELECT 1")
        connection.autocommit = False
    except Exception as error:  # whatever it is, another connection will be made
        raise sa.exc.DisconnectionError from error


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: the module would begin too late
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    # a writer that began as a reader fails when another wrote in between
    reading = connection.get_execution_options().get("reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


_UNREACHABLE_CLASSES = ("08", "53", "57P", "58")  # SQLSTATE: connection, resources, shutdown, system error
_UNREACHABLE_SQLITE = ("unable to open", "disk", "full", "readonly", "i/o error")
_TRANSIENT_STATES = ("40001", "40P01", "55P03")  # serialization, deadlock, lock not available


def is_unreachable(error: BaseException) -> bool:
    """Whether the store itself is in trouble, rather than what was asked of it."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, (StoreUnreachable, sa.exc.TimeoutError))
    if error.connection_invalidated:
        return True
    if isinstance(error.orig, sqlite3.OperationalError):
        return any(sign in str(error.orig).lower() for sign in _UNREACHABLE_SQLITE)
    state = getattr(error.orig, "sqlstate", None)
    return isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError) and (
        state is None or state.startswith(_UNREACHABLE_CLASSES)
    )


def is_transient(error: BaseException) -> bool:
    """Whether the same again, at once, may well succeed: somebody else was in the way."""
    if isinstance(error, StaleDataError | IntegrityError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if isinstance(error.orig, sqlite3.OperationalError):
        return "locked" in str(error.orig) or "busy" in str(error.orig)
    return getattr(error.orig, "sqlstate", None) in _TRANSIENT_STATES
