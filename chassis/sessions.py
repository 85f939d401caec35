"""Sessions that are over before their time: noted by every service from what is told to all.

A session lives in its owner's cookie, and no service asks another whether it still counts.
"""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chassis.context import Context
from chassis.store import ended_sessions, kept_forms
from chassis.unit import UnitOfWork

#: no session lasts longer, used or not: what ended one need not be known longer either
LONGEST = timedelta(hours=12)
#: how long a form is kept for whoever sent it too late
FORMS_KEPT = timedelta(hours=2)


def note_ended(unit: UnitOfWork, over: str, before: datetime) -> None:
    """The sessions of the account `over` that began before that time, or the one session `over`, are over.

    Told late or twice, the latest time stays.
    """
    wanted: Any = unit.context.store.insert(ended_sessions).values(account_id=over, before=before)
    later = ended_sessions.c.before < wanted.excluded.before
    unit.session.execute(
        wanted.on_conflict_do_update(
            index_elements=[ended_sessions.c.account_id], set_={"before": wanted.excluded.before}, where=later
        )
    )


def ended(session: Session) -> dict[str, datetime]:
    """Account -> the time before which its sessions began that are over; session -> when its owner signed out of it."""
    return {row.account_id: row.before for row in session.execute(sa.select(ended_sessions))}


def is_ended(session: Session, session_id: str) -> bool:
    """Whether its owner has signed out of this session."""
    query = sa.select(ended_sessions.c.account_id).where(ended_sessions.c.account_id == session_id)
    return session.scalar(query) is not None


def forget_old(context: Context) -> None:
    """Drops ends of sessions that would be over anyway, and forms that nobody came back for."""
    now = context.clock.now()
    with context.store.writing() as session:
        session.execute(sa.delete(ended_sessions).where(ended_sessions.c.before < now - LONGEST))
        session.execute(sa.delete(kept_forms).where(kept_forms.c.kept_at < now - FORMS_KEPT))
