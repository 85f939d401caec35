"""Room on the inbox's pages."""

from chassis.migrations import leave_room_in_the_inbox

revision = "0013_room"
down_revision = "0012_numbers"


def upgrade() -> None:
    leave_room_in_the_inbox()
