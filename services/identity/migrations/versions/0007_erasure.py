"""What was erased is remembered."""

from chassis.migrations import create_erasure_tables

revision = "0007_erasure"
down_revision = "0006"


def upgrade() -> None:
    create_erasure_tables()
