"""The register of the tokens that other systems send with."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chassis.store import UTCDateTime
from services.referral.domain import ApiToken, TokenNotFound
from services.referral.store.tables import mapping, metadata

api_tokens = sa.Table(
    "api_tokens",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("organisation", sa.String(80), nullable=False),
    sa.Column("areas", sa.JSON, nullable=False),
    sa.Column("scopes", sa.JSON, nullable=False),
    sa.Column("issued_by", sa.String(100), nullable=False),
    sa.Column("issued_at", UTCDateTime, nullable=False),
    sa.Column("expires_at", UTCDateTime, nullable=False),
    sa.Column("ended_by", sa.String(100)),
    sa.Column("ended_at", UTCDateTime),
)

mapping.map_imperatively(ApiToken, api_tokens)


class Tokens:
    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, token: ApiToken) -> None:
        self.session.add(token)

    def get(self, id: str) -> ApiToken:
        """Raises TokenNotFound."""
        token = self.session.get(ApiToken, id)
        if token is None:
            raise TokenNotFound(id)
        return token
