"""Participations with their waves and pauses, and the costs reported for them."""

import sqlalchemy as sa
from alembic import op

from chassis.migrations import create_chassis_tables
from chassis.store import Serial, UTCDateTime

revision = "0001_first"
down_revision = None


def upgrade() -> None:
    create_chassis_tables()
    _participations()
    _waves()
    _pauses()
    _costs()


def _participations() -> None:
    op.create_table(
        "participations",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("reference", sa.String(40), nullable=False, unique=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False, index=True),
        sa.Column("pseudonym", sa.String(40), index=True),
        sa.Column("birth_year", sa.Integer),
        sa.Column("sex", sa.String(1)),
        sa.Column("region", sa.String(40)),
        sa.Column("language", sa.String(2)),
        sa.Column("enrolled_on", sa.Date),
        sa.Column("first_day", sa.Date),
        sa.Column("attended", sa.Boolean, nullable=False),
        sa.Column("ended_on", sa.Date),
    )


def _waves() -> None:
    op.create_table(
        "waves",
        sa.Column(
            "participation_id",
            sa.String(36),
            sa.ForeignKey("participations.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("code", sa.String(10), primary_key=True),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("announced", sa.Boolean, nullable=False),
        sa.Column("completed_on", sa.Date),
    )
    op.create_index("ix_waves_due", "waves", ["state", "due_on"])


def _pauses() -> None:
    op.create_table(
        "pauses",
        sa.Column("id", Serial, primary_key=True, autoincrement=True),
        sa.Column(
            "participation_id",
            sa.String(36),
            sa.ForeignKey("participations.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("from_on", sa.Date, nullable=False),
        sa.Column("until_on", sa.Date),
    )


def _costs() -> None:
    op.create_table(
        "costs",
        sa.Column("reference", sa.String(40), primary_key=True),
        sa.Column("period", sa.String(10), primary_key=True),
        sa.Column("pseudonym", sa.String(40), nullable=False, index=True),
        sa.Column("chf", sa.Integer, nullable=False),
        sa.Column("reported_at", UTCDateTime, nullable=False),
    )
