"""Where drafts are found, one at a time, by those of the same CMS."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from contracts.people import ALL_AREAS
from services.referral.domain import Draft, DraftNotFound
from services.referral.store import tables


class Drafts:
    """The drafts of one unit of work. All are loaded locked: two windows may save at the same time."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, draft: Draft) -> None:
        self._session.add(draft)
        self._session.flush()

    def get(self, id: str, areas: Collection[str]) -> Draft:
        """Raises DraftNotFound, also for what is another CMS's."""
        table = tables.drafts.c
        draft = self._session.scalar(sa.select(Draft).where(table.id == id).with_for_update())
        if draft is None or (ALL_AREAS not in areas and draft.cms_area not in areas):
            raise DraftNotFound
        return draft

    def correcting(self, reference: str) -> Draft | None:
        """The draft in which a referral is being corrected already."""
        return self._session.scalar(sa.select(Draft).where(tables.drafts.c.corrects == reference).with_for_update())

    def discard(self, draft: Draft) -> None:
        self._session.delete(draft)
