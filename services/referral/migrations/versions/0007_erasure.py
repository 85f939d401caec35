"""What was erased is remembered and stays counted; what will be is announced."""

import sqlalchemy as sa
from alembic import op

from chassis.migrations import create_erasure_tables
from chassis.store import UTCDateTime

revision = "0007_erasure"
down_revision = "0006_sending_again"


def upgrade() -> None:
    create_erasure_tables()
    op.create_table(
        "erasures",
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("cms_area", sa.String(40), nullable=False),
        sa.Column("on", sa.Date, nullable=False),
        sa.Column("announced_at", UTCDateTime, nullable=False),
        sa.PrimaryKeyConstraint("reference", name="pk_erasures"),
    )
    op.create_index("ix_erasures_on", "erasures", ["on"])
    op.create_table(
        "erased_counts",
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("cms_area", sa.String(40), nullable=False),
        sa.Column("region", sa.String(20), nullable=False),
        sa.Column("outcome", sa.String(30), nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("month", "cms_area", "region", "outcome", name="pk_erased_counts"),
    )
