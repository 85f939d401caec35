"""Old rows of outbox and inbox go, some at a time; and no event is handled again because its note has gone.

Free of broker and framework: `CleanupLoop` calls it. docs/decisions holds why nothing goes too early.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chassis.context import Context
from chassis.message import Message, PerhapsHandled
from chassis.rows import among
from chassis.settings import SHORTEST_INBOX_DAYS
from chassis.store import failures, forgotten, inbox, outbox

BATCH = 1000  #: rows in one transaction at most: it lasts some milliseconds
SURELY_KNOWN = timedelta(days=SHORTEST_INBOX_DAYS - 2)  #: so young an event no inbox has forgotten, however it is set
SKEW = timedelta(days=1)  #: by which the clocks of two services may differ

OUTBOX, INBOX = "outbox", "inbox"


def forget_sent(context: Context) -> int:
    """Removes the oldest rows of the outbox that were sent long ago, at most BATCH; returns how many."""
    before = context.clock.now() - timedelta(days=context.settings.outbox_days)
    old = sa.select(outbox.c.seq).where(outbox.c.sent_at < before)
    return _forget(context, OUTBOX, outbox.c.seq, old.order_by(outbox.c.sent_at), before)


def forget_handled(context: Context) -> int:
    """Removes the oldest rows of the inbox, at most BATCH; returns how many.

    What failures hold a copy of stays known: somebody may have it tried again.
    """
    before = context.clock.now() - timedelta(days=context.settings.inbox_days)
    held = sa.exists().where(failures.c.event_id == inbox.c.event_id)
    old = sa.select(inbox.c.event_id).where(inbox.c.received_at < before, ~held)
    return _forget(context, INBOX, inbox.c.event_id, old.order_by(inbox.c.received_at), before)


def _forget(context: Context, what: str, key: sa.Column, old: sa.Select, before: datetime) -> int:
    """One commit: the rows are gone, and it is noted up to when some may be."""
    with context.store.writing() as session:
        keys = session.scalars(old.limit(BATCH)).all()
        if keys:
            _note(context, session, what, before)
            session.execute(sa.delete(key.table).where(among(session, key, keys)))
    return len(keys)


def _note(context: Context, session: Session, what: str, before: datetime) -> None:
    row = {"before": before, "at": context.clock.now()}
    insert = context.store.insert(forgotten).values(what=what, **row)
    # never back: a longer memory, once it is set, begins with what is still there
    update = insert.on_conflict_do_update(index_elements=["what"], set_=row, where=forgotten.c.before <= before)
    session.execute(update)


def refuse_forgotten(session: Session, claimed: Sequence[Message], now: datetime) -> None:
    """To be called with what has just entered the inbox. Raises PerhapsHandled.

    After the claim, so that whatever made it possible, a removal among others, is seen here as well.
    """
    old = [message for message in claimed if message.envelope and message.envelope.time < now - SURELY_KNOWN]
    if not old:
        return
    before = session.scalar(sa.select(forgotten.c.before).where(forgotten.c.what == INBOX))
    if before and any(message.envelope.time < before + SKEW for message in old):  # type: ignore[union-attr]
        raise PerhapsHandled("the inbox goes back to a later day than this event's: has it been handled already?")
