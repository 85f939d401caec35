"""What was erased is remembered and stays counted."""

import sqlalchemy as sa
from alembic import op

from chassis.migrations import create_erasure_tables

revision = "0005_erasure"
down_revision = "0004_sessions"


def upgrade() -> None:
    create_erasure_tables()
    op.create_table(
        "erased_counts",
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("region", sa.String(40), nullable=False),
        sa.Column("outcome", sa.String(30), nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("month", "region", "outcome", name="pk_erased_counts"),
    )
