from chassis.migrations import create_erasure_tables

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    create_erasure_tables()
