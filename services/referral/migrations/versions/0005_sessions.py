"""Sessions that ended early, and forms that came after the end."""

from chassis.migrations import create_session_tables

revision = "0005_sessions"
down_revision = "0004_the_desk"


def upgrade() -> None:
    create_session_tables()
