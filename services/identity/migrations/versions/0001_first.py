"""The first tables."""

import sqlalchemy as sa
from alembic import op

from chassis.migrations import create_chassis_tables
from chassis.store import UTCDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_chassis_tables()
    _create_accounts()
    _create_throttles()
    _create_log()


def _create_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("areas", sa.JSON, nullable=False),
        sa.Column("partner", sa.String(50)),
        sa.Column("region", sa.String(30)),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("password_initial", sa.Boolean, nullable=False),
        sa.Column("password_changed_at", UTCDateTime),
        sa.Column("disabled_at", UTCDateTime),
        sa.Column("created_at", UTCDateTime, nullable=False),
        sa.Column("last_signed_in_at", UTCDateTime),
        sa.Column("demonstration", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("email", name="uq_accounts_email"),
    )


def _create_throttles() -> None:
    op.create_table(
        "sign_in_throttles",
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("free", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", UTCDateTime),
        sa.Column("blocked_until", UTCDateTime),
        sa.PrimaryKeyConstraint("key", name="pk_sign_in_throttles"),
    )


def _create_log() -> None:
    op.create_table(
        "account_log",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("at", UTCDateTime, nullable=False),
        sa.Column("by", sa.String(36), nullable=False),
        sa.Column("action", sa.String(30), nullable=False),
        sa.Column("account_id", sa.String(36), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_account_log"),
    )
    op.create_index("ix_account_log_account_id_at", "account_log", ["account_id", "at"])
