"""What was erased is remembered."""

from chassis.migrations import create_erasure_tables

revision = "0005_erasure"
down_revision = "0004_sessions"


def upgrade() -> None:
    create_erasure_tables()
