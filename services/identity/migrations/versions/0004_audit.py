"""The audit: who saw or changed what."""

from chassis.migrations import create_audit_tables

revision = "0004_audit"
down_revision = "0003"


def upgrade() -> None:
    create_audit_tables()
