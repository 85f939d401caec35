from chassis.migrations import let_old_rows_go

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    let_old_rows_go()
