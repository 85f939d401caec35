"""Sessions that ended early, and forms that came after the end."""

from chassis.migrations import create_session_tables

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    create_session_tables()
