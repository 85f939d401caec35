"""Accounts by invitation: no password until the owner has chosen one. The audit says what was done."""

import sqlalchemy as sa
from alembic import op

from chassis.store import UTCDateTime

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    _change_accounts()
    _create_links()
    _create_letters()
    op.drop_table("account_log")


def _change_accounts() -> None:
    with op.batch_alter_table("accounts") as accounts:
        accounts.alter_column("password_hash", existing_type=sa.String(200), nullable=True)
        accounts.add_column(sa.Column("accepted_at", UTCDateTime))
    op.execute("UPDATE accounts SET accepted_at = created_at")


def _create_links() -> None:
    op.create_table(
        "links",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("account_id", sa.String(36), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("expires_at", UTCDateTime, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_links"),
    )
    op.create_index("ix_links_account_id", "links", ["account_id"])


def _create_letters() -> None:
    op.create_table(
        "letters",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("account_id", sa.String(36)),
        sa.Column("created_at", UTCDateTime, nullable=False),
        sa.Column("next_attempt_at", UTCDateTime),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("sent_at", UTCDateTime),
        sa.Column("cause", sa.String(40)),
        sa.PrimaryKeyConstraint("id", name="pk_letters"),
    )
    op.create_index("ix_letters_account_id", "letters", ["account_id"])
    waiting = sa.text("next_attempt_at IS NOT NULL")
    op.create_index("ix_letters_due", "letters", ["next_attempt_at"], postgresql_where=waiting, sqlite_where=waiting)
