"""The audit: who saw or changed what; and the CMS that a person comes from, whose head may read it."""

import sqlalchemy as sa
from alembic import op

from chassis.migrations import create_audit_tables

revision = "0003_audit"
down_revision = "0002_let_old_rows_go"


def upgrade() -> None:
    create_audit_tables()
    op.add_column("participations", sa.Column("cms_area", sa.String(40)))
