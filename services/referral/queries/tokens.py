"""Which tokens there are, and which still count."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.referral.domain import ApiToken
from services.referral.store.tokens import api_tokens


def token_runs(session: Session, claims: Mapping[str, Any]) -> bool:
    """Whether nobody has ended the token with these claims.

    One that the register does not know counts by its signature alone, until its time is over.
    """
    ended = sa.select(api_tokens.c.ended_at).where(api_tokens.c.id == claims.get("jti"))
    return "jti" not in claims or session.scalar(ended) is None


def list_tokens(session: Session) -> Sequence[ApiToken]:
    """The whole register, the newest first."""
    newest = sa.select(ApiToken).order_by(api_tokens.c.issued_at.desc(), api_tokens.c.id)
    return session.scalars(newest).all()
