"""What pages and the API show: reading only, and only what the reader's areas allow."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.referral.domain import AFTER_THE_URGENT, Entry, Referral, ReferralNotFound
from services.referral.store import within
from services.referral.store.tables import referrals, timeline

#: how long after the last news a page expects more of it
_STILL_MOVING = timedelta(seconds=60)
_FRESH = timedelta(seconds=4)
#: the first answers to what was sent come within this time, and no further apart than that
_ARRIVING = timedelta(seconds=1)
_APART = timedelta(seconds=0.35)


NOT_DELIVERED = "notification.failed.v1"


@dataclass(frozen=True)
class Waiting:
    """Who stands before a person in the waiting list now: urgent ones, and the others who were accepted earlier."""

    urgent: int
    earlier: int

    @property
    def position(self) -> int:
        return self.urgent + self.earlier + 1


@dataclass(frozen=True)
class Story:
    """A referral with its timeline, in the order in which the service heard of it.

    `waiting` is where the person stands in the waiting list now; None where they are not called.
    """

    referral: Referral
    timeline: Sequence[Entry]
    waiting: Waiting | None = None

    @property
    def position(self) -> int | None:
        """From 1."""
        return self.waiting.position if self.waiting else None

    @property
    def messages(self) -> list[Entry]:
        """What partners were told: the last word on each message, in the order of first sending."""
        last = {
            (entry.data["partner"], entry.data["about"], entry.data["channel"]): entry
            for entry in self.timeline
            if entry.type.startswith("notification.")
        }
        return list(last.values())

    @property
    def undelivered(self) -> list[Entry]:
        """Messages that did not reach their partner, and have not since."""
        return [entry for entry in self.messages if entry.type == NOT_DELIVERED]

    def is_arriving(self, now: datetime) -> bool:
        """Whether the first answers to what was just sent are coming in at this very moment."""
        if now - self.referral.submitted_at > _ARRIVING:
            return False
        return self.referral.is_moving or any(now - entry.at < _APART for entry in self.timeline)

    def is_unsettled(self, now: datetime) -> bool:
        """Whether more is about to happen by itself, so that it is worth looking again in a moment."""
        referral = self.referral
        if referral.is_moving and now - referral.submitted_at < _STILL_MOVING:
            return True
        return any(now - entry.at < _FRESH for entry in self.timeline)


def story_of(session: Session, reference: str, areas: Collection[str]) -> Story:
    """Raises ReferralNotFound, also for what lies outside `areas`."""
    query = sa.select(Referral).where(referrals.c.reference == reference, *within(areas))
    referral = session.scalar(query)
    if referral is None:
        raise ReferralNotFound(reference)
    told = [timeline.c[name] for name in ("id", "referral_id", "at", "type", "data")]
    entries = session.execute(sa.select(*told).where(timeline.c.referral_id == referral.id).order_by(timeline.c.seq))
    return Story(referral, [Entry(**entry) for entry in entries.mappings()], _waiting(session, referral))


def _waiting(session: Session, referral: Referral) -> Waiting | None:
    if referral.queue is None:
        return None
    queue, key = referrals.c.queue, referrals.c.queue_key
    is_urgent = key < AFTER_THE_URGENT
    counts = (sa.func.count().filter(is_urgent), sa.func.count().filter(~is_urgent))
    before = session.execute(sa.select(*counts).where(queue == referral.queue, key < referral.queue_key)).one()
    return Waiting(*before)
