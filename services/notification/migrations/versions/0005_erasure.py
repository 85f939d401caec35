"""What was erased is remembered; a CMS is told of what will be."""

import sqlalchemy as sa
from alembic import op

from chassis.migrations import create_erasure_tables

revision = "0005_erasure"
down_revision = "0004_sessions"


def upgrade() -> None:
    create_erasure_tables()
    partners = sa.table(
        "partners", sa.column("code", sa.String), sa.column("kind", sa.String), sa.column("told_of", sa.JSON)
    )
    connection = op.get_bind()
    told = sa.select(partners.c.code, partners.c.told_of).where(partners.c.kind == "cms")
    for code, told_of in connection.execute(told).all():
        wanted = sorted({*told_of, "referral.erasure_announced.v1"})
        connection.execute(sa.update(partners).where(partners.c.code == code).values(told_of=wanted))
