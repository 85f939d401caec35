"""What pages and the API show: reading only, and only what the reader's areas allow."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from contracts.people import ALL_AREAS
from services.referral.domain import Entry, Referral, ReferralNotFound, State
from services.referral.store import search_key
from services.referral.store.tables import referrals, timeline

PAGE = 50  #: referrals on one page of the list

#: how long after the last news a page expects more of it
_STILL_MOVING = timedelta(seconds=60)
_FRESH = timedelta(seconds=4)
#: the first answers to what was sent come within this time, and no further apart than that
_ARRIVING = timedelta(seconds=1)
_APART = timedelta(seconds=0.35)


@dataclass(frozen=True)
class Story:
    """A referral with its timeline, in the order in which the service heard of it.

    `position` is where the person stands in the waiting list now, from 1; None where they are not called.
    """

    referral: Referral
    timeline: Sequence[Entry]
    position: int | None = None

    @property
    def messages(self) -> list[Entry]:
        """What partners were told: the last word on each message, in the order of first sending."""
        last = {
            (entry.data["partner"], entry.data["about"], entry.data["channel"]): entry
            for entry in self.timeline
            if entry.type.startswith("notification.")
        }
        return list(last.values())

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


@dataclass(frozen=True)
class Row:
    """A line of the list."""

    reference: str
    name: str
    state: State
    submitted_at: datetime


@dataclass(frozen=True)
class Page:
    """Some lines of the list, newest first, and whether there are more after them."""

    rows: Sequence[Row]
    has_next: bool


def story_of(session: Session, reference: str, areas: Collection[str]) -> Story:
    """Raises ReferralNotFound, also for what lies outside `areas`."""
    query = sa.select(Referral).where(referrals.c.reference == reference, *_within(areas))
    referral = session.scalar(query)
    if referral is None:
        raise ReferralNotFound(reference)
    told = [timeline.c[name] for name in ("id", "referral_id", "at", "type", "data")]
    entries = session.execute(sa.select(*told).where(timeline.c.referral_id == referral.id).order_by(timeline.c.seq))
    return Story(referral, [Entry(**entry) for entry in entries.mappings()], _position(session, referral))


def list_referrals(
    session: Session, areas: Collection[str], state: State | None = None, search: str = "", page: int = 1
) -> Page:
    """Referrals of `areas`, in a state if one is given, whose reference or name holds `search`."""
    query = sa.select(Referral).where(*_within(areas), *_found_by(search))
    if state is not None:
        query = query.where(referrals.c.state == state)
    newest = query.order_by(referrals.c.submitted_at.desc(), referrals.c.reference.desc())
    found = session.scalars(newest.offset((page - 1) * PAGE).limit(PAGE + 1)).all()
    return Page([_row(referral) for referral in found[:PAGE]], has_next=len(found) > PAGE)


def _position(session: Session, referral: Referral) -> int | None:
    if referral.queue is None:
        return None
    queue, key = referrals.c.queue, referrals.c.queue_key
    return session.scalar(sa.select(sa.func.count() + 1).where(queue == referral.queue, key < referral.queue_key))


def _within(areas: Collection[str]) -> list[Any]:
    return [] if ALL_AREAS in areas else [referrals.c.cms_area.in_(areas)]


def _found_by(search: str) -> list[Any]:
    words = search_key(search).split()
    name, reference = referrals.c.name_key, sa.func.lower(referrals.c.reference)
    return [sa.or_(name.contains(word, autoescape=True), reference.contains(word, autoescape=True)) for word in words]


def _row(referral: Referral) -> Row:
    answers = referral.application
    name = f"{answers.family_name} {answers.given_name}"
    return Row(referral.reference, name, referral.state, referral.submitted_at)
