"""Forgetting a subject: what outbox and failures hold of it goes, and what comes later is dropped.

An event class says by `ERASES = True` that it tells of such an end: it overtakes what waits, and its subject is
erased here before the service's own handler runs.
"""

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chassis.store import Store, erased, failures, outbox


def erase(store: Store, session: Session, subject: str, now: datetime) -> None:
    """Leaves of the subject that it was erased, and of its events their types and times. May be done twice."""
    session.execute(store.insert(erased).values(subject=subject, at=now).on_conflict_do_nothing())
    # nobody has to hear any more what was not sent yet
    session.execute(sa.delete(outbox).where(outbox.c.subject == subject, outbox.c.sent_at.is_(None)))
    for row in session.execute(sa.select(outbox.c.seq, outbox.c.body).where(outbox.c.subject == subject)):
        session.execute(sa.update(outbox).where(outbox.c.seq == row.seq).values(body=emptied(row.body)))
    session.execute(sa.delete(failures).where(failures.c.subject == subject))
    _forget_unread(session, subject)


def emptied(body: bytes) -> bytes:
    """The envelope without what it carried."""
    told: dict[str, Any] = json.loads(body)
    return json.dumps(told | {"data": {}}, ensure_ascii=False, separators=(",", ":")).encode()


def _forget_unread(session: Session, subject: str) -> None:
    """What could not be read has no subject, but may name it. There is hardly ever any."""
    unread = session.execute(sa.select(failures.c.id, failures.c.body).where(failures.c.subject.is_(None))).all()
    about = [row.id for row in unread if subject.encode() in row.body]
    session.execute(sa.delete(failures).where(failures.c.id.in_(about)))
