"""Accounts that are opened through a provider."""

import sqlalchemy as sa
from alembic import op

from chassis.store import UTCDateTime

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "bindings",
        sa.Column("issuer", sa.String(300), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("account_id", sa.String(36), nullable=False),
        sa.Column("bound_at", UTCDateTime, nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_bindings"),
        sa.UniqueConstraint("issuer", "account_id", name="uq_bindings_issuer_account_id"),
    )
