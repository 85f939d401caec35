"""Second factors."""

import sqlalchemy as sa
from alembic import op

from chassis.store import UTCDateTime

revision = "0008"
down_revision = "0007_erasure"


def upgrade() -> None:
    op.create_table(
        "second_factors",
        sa.Column("account_id", sa.String(36), nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("begun_at", UTCDateTime, nullable=False),
        sa.Column("confirmed_at", UTCDateTime),
        sa.Column("last_step", sa.BigInteger, nullable=False),
        sa.Column("recovery", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_second_factors"),
    )
