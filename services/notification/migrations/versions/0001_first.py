"""Partners with the defaults, what is known of referrals, messages and their deliveries."""

import sqlalchemy as sa
from alembic import op

from chassis.migrations import create_chassis_tables
from chassis.store import Serial, UTCDateTime
from services.notification.domain import DEFAULT_PARTNERS

revision = "0001_first"
down_revision = None


def upgrade() -> None:
    create_chassis_tables()
    op.bulk_insert(_partners(), DEFAULT_PARTNERS)
    _subjects()
    _held_news()
    _messages()
    _deliveries()


def _partners() -> sa.Table:
    return op.create_table(
        "partners",
        sa.Column("code", sa.String(40), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("email", sa.String(200)),
        sa.Column("shows", sa.String(20), nullable=False),
        sa.Column("told_of", sa.JSON, nullable=False),
        sa.Column("area", sa.String(40)),
        sa.Column("region", sa.String(40)),
    )


def _subjects() -> None:
    op.create_table(
        "subjects",
        sa.Column("reference", sa.String(40), primary_key=True),
        sa.Column("area", sa.String(40)),
        sa.Column("region", sa.String(40)),
        sa.Column("erased", sa.Boolean, nullable=False),
    )


def _held_news() -> None:
    op.create_table(
        "held_news",
        sa.Column("id", Serial, primary_key=True, autoincrement=True),
        sa.Column("about", sa.String(100), nullable=False),
        sa.Column("reference", sa.String(40), nullable=False, index=True),
        sa.Column("region", sa.String(40)),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("held_at", UTCDateTime, nullable=False),
        sa.Column("cause_id", sa.String(200)),
        sa.Column("correlation_id", sa.String(200)),
    )


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("partner", sa.String(40), sa.ForeignKey("partners.code"), nullable=False),
        sa.Column("about", sa.String(100), nullable=False),
        sa.Column("reference", sa.String(40), nullable=False, index=True),
        sa.Column("label", sa.String(40)),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("created_at", UTCDateTime, nullable=False),
        sa.Column("cause_id", sa.String(200)),
        sa.Column("correlation_id", sa.String(200)),
        sa.Column("acknowledged_at", UTCDateTime),
        sa.Column("acknowledged_by", sa.String(100)),
    )
    op.create_index("ix_messages_inbox", "messages", ["partner", "id"])


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column(
            "message_id",
            sa.String(36),
            sa.ForeignKey("messages.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", UTCDateTime),
        sa.Column("cause", sa.String(40)),
        sa.Column("detail", sa.String(300)),
        sa.Column("sent_at", UTCDateTime),
    )
    due = sa.text("next_attempt_at IS NOT NULL")
    op.create_index("ix_deliveries_due", "deliveries", ["next_attempt_at"], postgresql_where=due, sqlite_where=due)
    op.create_index("ix_deliveries_state", "deliveries", ["state", "id"])
