"""One draft, for those of its CMS."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from contracts.people import ALL_AREAS
from services.referral.domain import Draft, DraftNotFound
from services.referral.store.tables import drafts


def draft_of(session: Session, id: str, areas: Collection[str]) -> Draft:
    """Raises DraftNotFound, also for what lies outside `areas`."""
    draft = session.scalar(sa.select(Draft).where(drafts.c.id == id))
    if draft is None or (ALL_AREAS not in areas and draft.cms_area not in areas):
        raise DraftNotFound
    return draft
