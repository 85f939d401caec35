"""Versions of the rules may leave criteria out; proposals."""

import sqlalchemy as sa
from alembic import op

from chassis.store import UTCDateTime

revision = "0009_rules"
down_revision = "0008_imports"


def upgrade() -> None:
    op.add_column("rules", sa.Column("waived", sa.JSON, nullable=False, server_default="[]"))
    op.add_column("rules", sa.Column("adopted_by", sa.String(100)))
    op.add_column("rules", sa.Column("adopted_at", UTCDateTime))
    op.create_table(
        "rule_proposals",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("minimum_age", sa.Integer, nullable=False),
        sa.Column("reference_age", sa.Integer, nullable=False),
        sa.Column("open_regions", sa.JSON, nullable=False),
        sa.Column("waived", sa.JSON, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("proposed_by", sa.String(100), nullable=False),
        sa.Column("proposed_at", UTCDateTime, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("became", sa.String(20)),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rule_proposals"),
    )
