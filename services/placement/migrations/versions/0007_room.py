"""Room on the inbox's pages."""

from chassis.migrations import leave_room_in_the_inbox

revision = "0007_room"
down_revision = "0006_many_people"


def upgrade() -> None:
    leave_room_in_the_inbox()
