"""What months of referrals leave in a store's outbox and inbox: rows that are sent and handled, put in quickly."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa

from chassis.context import Context
from chassis.envelope import Envelope
from chassis.store import Store, inbox, outbox
from contracts import CATALOGUE

AT_ONCE = 50_000  #: rows of one commit
OF_ONE = 9  #: events of one referral
_TYPES = sorted(CATALOGUE)
_DATA = {"pseudonym": "P-0123456789", "region": "sion", "language": "fr", "contact": "sealed" * 60}

Row = dict[str, Any]


def fill(context: Context, rows: int) -> None:
    """So many of each, over the days for which the settings keep them: none is due to go yet."""
    now, settings = context.clock.now(), context.settings
    _put(context.store, outbox, (_sent(n, at) for n, at in _moments(rows, now, settings.outbox_days)))
    _put(context.store, inbox, (_handled(n, at) for n, at in _moments(rows, now, settings.inbox_days)))
    tidy(context.store)


def put_waiting(context: Context, rows: int) -> None:
    """So many events that nobody has sent, each of another referral, as after an hour without a broker."""
    now, unsent = context.clock.now(), {"sent_at": None, "attempts": 0}
    waiting = (_sent(n, now) | unsent | {"subject": f"ISA-2002-{n:06d}"} for n in range(rows))
    _put(context.store, outbox, waiting)


def _moments(rows: int, now: datetime, days: int) -> Iterator[tuple[int, datetime]]:
    """Evenly, from a day after the time at which rows go until an hour ago."""
    first, last = now - timedelta(days=days - 1), now - timedelta(hours=1)
    return ((number, first + (last - first) * (number / rows)) for number in range(rows))


def _sent(number: int, at: datetime) -> Row:
    told = _told(number, at)
    envelope = Envelope(
        id=told["event_id"],
        source="past",
        type=told["type"],
        subject=told["subject"],
        time=at,
        correlationid=told["event_id"],
        causationid=told["event_id"],
        data=_DATA,
    )
    done = {"created_at": at, "sent_at": at + timedelta(milliseconds=50), "attempts": 1}
    return told | done | {"body": envelope.encode()}


def _handled(number: int, at: datetime) -> Row:
    done = {"received_at": at, "handled_at": at + timedelta(milliseconds=20), "duration_ms": 20.0, "attempt": 1}
    return _told(number, at) | done | {"source": "past"}


def _told(number: int, at: datetime) -> Row:
    subject = f"ISA-2001-{number // OF_ONE:06d}"
    return {"event_id": _uuid7(at, number), "type": _TYPES[number % len(_TYPES)], "subject": subject}


def _uuid7(at: datetime, number: int) -> str:
    """As `chassis.clock.uuid7` makes them, out of a time of the past and a number."""
    milliseconds, scattered = int(at.timestamp() * 1000), number * 0x9E3779B97F4A7C15 & (1 << 48) - 1
    return f"{milliseconds >> 16:08x}-{milliseconds & 0xFFFF:04x}-7{number & 0xFFF:03x}-8000-{scattered:012x}"


def _put(store: Store, table: sa.Table, rows: Iterator[Row]) -> None:
    while some := list(islice(rows, AT_ONCE)):
        with store.writing() as session:
            if store.is_sqlite:
                session.execute(sa.insert(table), some)
            else:
                _copy(session.connection(), table, some)


def _copy(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    names = ", ".join(rows[0])
    with connection.connection.cursor().copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(list(row.values()))


def tidy(store: Store) -> None:
    """What a database does by itself within minutes of such a rush, and would otherwise do while it is measured."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if store.is_sqlite:
            connection.exec_driver_sql("ANALYZE")
            return
        connection.exec_driver_sql("SET statement_timeout = 0")
        connection.exec_driver_sql("VACUUM ANALYZE")
        connection.exec_driver_sql("RESET statement_timeout")
