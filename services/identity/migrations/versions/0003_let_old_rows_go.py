"""Rows of outbox and inbox are removed when they are old."""

from chassis.migrations import let_old_rows_go

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    let_old_rows_go()
