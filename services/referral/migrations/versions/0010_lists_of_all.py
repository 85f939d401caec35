"""Lists over all CMS are filtered within their index."""

from alembic import op

revision = "0010_lists_of_all"
down_revision = "0009_rules"


def upgrade() -> None:
    op.drop_index("ix_referrals_submitted_at_reference", "referrals")
    op.create_index("ix_referrals_all", "referrals", ["submitted_at", "reference", "state", "cms_area", "region"])
