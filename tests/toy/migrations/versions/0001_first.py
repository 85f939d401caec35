import sqlalchemy as sa
from alembic import op

from chassis.migrations import create_audit_tables, create_chassis_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_chassis_tables()
    create_audit_tables()
    op.create_table(
        "deeds",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
    )
