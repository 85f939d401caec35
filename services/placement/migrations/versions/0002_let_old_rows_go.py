"""Rows of outbox and inbox are removed when they are old."""

from chassis.migrations import let_old_rows_go

revision = "0002_let_old_rows_go"
down_revision = "0001_first"


def upgrade() -> None:
    let_old_rows_go()
