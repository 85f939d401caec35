"""What is known of a person already: so that nobody is referred twice, and nothing is asked twice.

Of another CMS's referrals nothing is told but that there may be one: not which, not where, not of what state.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chassis.crypto import KeyedHash
from contracts.people import ALL_AREAS
from services.referral.domain import CLOSED, Draft, State
from services.referral.store.keys import Named, hashed_likeness
from services.referral.store.tables import drafts, name_keys, referrals

_MOST = 20  #: likely matches looked at


@dataclass(frozen=True)
class Episode:
    """One referral of a person at the reader's own CMS."""

    reference: str
    state: State
    submitted_at: datetime

    @property
    def is_open(self) -> bool:
        return self.state not in CLOSED


@dataclass(frozen=True)
class Known:
    """What the AVS number and the name of a draft have shown."""

    episodes: Sequence[Episode] = ()  #: of this person, at the reader's CMS, the newest first
    open_elsewhere: bool = False  #: of this person, at another CMS
    alike: Sequence[Episode] = ()  #: of somebody with another number, at the reader's CMS, who may be the same
    alike_elsewhere: bool = False  #: likewise at another CMS, and open
    drafts: Sequence[str] = ()  #: ids of other drafts for this person at the reader's CMS

    @property
    def open_here(self) -> Episode | None:
        return next((episode for episode in self.episodes if episode.is_open), None)

    @property
    def earlier(self) -> Episode | None:
        """The last referral that is over."""
        return None if self.open_here or not self.episodes else self.episodes[0]

    @property
    def is_anything(self) -> bool:
        found = (self.episodes, self.open_elsewhere, self.alike, self.alike_elsewhere, self.drafts)
        return any(found)


def known_of(
    session: Session, hasher: KeyedHash, draft: Draft, identity: Named | None, areas: Collection[str]
) -> Known:
    """What is known of the person of a draft; of likely matches only once the identity is complete."""
    same = _rows(session, referrals.c.person == draft.person) if draft.person else []
    same = [row for row in same if row.reference != draft.corrects]
    alike = _alike(session, hasher, identity, draft) if identity else []
    return Known(
        episodes=_here(same, areas),
        open_elsewhere=_open_elsewhere(same, areas),
        alike=_here(alike, areas),
        alike_elsewhere=_open_elsewhere(alike, areas),
        drafts=_other_drafts(session, draft, areas),
    )


def episodes_of(session: Session, person: str, areas: Collection[str]) -> Sequence[Episode]:
    """All referrals of a person at the reader's CMS, the newest first."""
    return _here(_rows(session, referrals.c.person == person), areas)


def _rows(session: Session, *where: sa.ColumnElement[bool]) -> list[sa.Row]:
    told = (referrals.c.reference, referrals.c.state, referrals.c.submitted_at, referrals.c.cms_area)
    return list(session.execute(sa.select(*told).where(*where).order_by(referrals.c.submitted_at.desc()).limit(_MOST)))


def _alike(session: Session, hasher: KeyedHash, identity: Named, draft: Draft) -> list[sa.Row]:
    found = sa.select(name_keys.c.referral_id).where(name_keys.c.key.in_(sorted(hashed_likeness(hasher, identity))))
    others = (referrals.c.person != draft.person, referrals.c.reference != (draft.corrects or ""))
    erroneous = referrals.c.state != State.ENTERED_IN_ERROR
    return _rows(session, referrals.c.id.in_(found), erroneous, *others)


def _is_here(cms_area: str, areas: Collection[str]) -> bool:
    return ALL_AREAS in areas or cms_area in areas


def _here(rows: list[sa.Row], areas: Collection[str]) -> list[Episode]:
    return [Episode(row.reference, row.state, row.submitted_at) for row in rows if _is_here(row.cms_area, areas)]


def _open_elsewhere(rows: list[sa.Row], areas: Collection[str]) -> bool:
    return any(row.state not in CLOSED and not _is_here(row.cms_area, areas) for row in rows)


def _other_drafts(session: Session, draft: Draft, areas: Collection[str]) -> Sequence[str]:
    if not draft.person:
        return ()
    same = (drafts.c.person == draft.person, drafts.c.id != draft.id)
    within = () if ALL_AREAS in areas else (drafts.c.cms_area.in_(areas),)
    return session.scalars(sa.select(drafts.c.id).where(*same, *within).limit(_MOST)).all()
