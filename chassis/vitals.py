"""How a worker is doing, and the heartbeat by which the web processes know of it."""

import os
import socket
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from chassis.context import Context
from chassis.store import heartbeats

BEAT_S = 2.0
FRESH = timedelta(seconds=8)  #: a worker not seen for so long counts as gone
FORGOTTEN = timedelta(minutes=10)


@dataclass
class Vitals:
    """What the loops of one worker say of themselves. Written by its threads, read by its heartbeat."""

    consuming: bool = False
    relaying: bool = False
    standby: bool = False  #: another worker holds the lease on the store
    stopping: bool = False
    queue_depth: int | None = None
    trouble: str | None = None  #: what it is waiting for, in a few words

    @property
    def ready(self) -> bool:
        return self.consuming and (self.relaying or self.standby) and not self.stopping


class Heart:
    """Writes the heartbeat rows of one worker."""

    def __init__(self, context: Context, vitals: Vitals) -> None:
        self._context = context
        self._vitals = vitals
        self._worker = f"{socket.gethostname()}:{os.getpid()}"
        self._started_at = context.clock.now()

    def beat(self) -> None:
        """Says that this worker is alive, and forgets those not heard of for long."""
        now = self._context.clock.now()
        row = {"seen_at": now, "ready": self._vitals.ready, "detail": asdict(self._vitals)}
        insert = self._context.store.insert(heartbeats).values(worker=self._worker, started_at=self._started_at, **row)
        with self._context.store.writing() as session:
            session.execute(insert.on_conflict_do_update(index_elements=["worker"], set_=row))
            session.execute(sa.delete(heartbeats).where(heartbeats.c.seen_at < now - FORGOTTEN))


def is_fresh(seen_at: datetime, now: datetime) -> bool:
    return now - seen_at < FRESH
