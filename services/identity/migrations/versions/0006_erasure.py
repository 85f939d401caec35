"""What was erased is remembered."""

from chassis.migrations import create_erasure_tables

revision = "0006_erasure"
down_revision = "0005"


def upgrade() -> None:
    create_erasure_tables()
