"""The audit: who saw or changed what."""

from chassis.migrations import create_audit_tables

revision = "0003_audit"
down_revision = "0002_let_old_rows_go"


def upgrade() -> None:
    create_audit_tables()
