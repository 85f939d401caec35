"""What somebody has sent in is found by an index, in the order of the list."""

from alembic import op

revision = "0011_mine"
down_revision = "0010_lists_of_all"


def upgrade() -> None:
    op.create_index("ix_referrals_mine", "referrals", ["submitted_by", "cms_area", "submitted_at", "reference"])
