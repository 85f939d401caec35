"""Lists and figures come out of an index, however many people there are."""

import sqlalchemy as sa
from alembic import op

revision = "0006_many_people"
down_revision = "0005_erasure"

_PASSED_OVER = sa.text("state = 'waiting' AND deferred")


def upgrade() -> None:
    op.drop_index("ix_participations_region_state", "participations")
    op.create_index("ix_participations_region_state_reason", "participations", ["region", "state", "reason"])
    op.create_index("ix_participations_region_since_reference", "participations", ["region", "since", "reference"])
    op.create_index(
        "ix_participations_passed_over",
        "participations",
        ["region", "language", "since"],
        postgresql_where=_PASSED_OVER,
        sqlite_where=_PASSED_OVER,
    )
