"""Sessions that ended early, and forms that came after the end."""

import sqlalchemy as sa
from alembic import op

from chassis.migrations import create_session_tables
from chassis.store import UTCDateTime

revision = "0005"
down_revision = "0004_audit"


def upgrade() -> None:
    create_session_tables()
    with op.batch_alter_table("accounts") as accounts:
        accounts.add_column(sa.Column("sessions_from", UTCDateTime))
    op.execute("UPDATE accounts SET sessions_from = password_changed_at")
