"""Sessions that ended early, and forms that came after the end."""

from chassis.migrations import create_session_tables

revision = "0004_sessions"
down_revision = "0003_audit"


def upgrade() -> None:
    create_session_tables()
