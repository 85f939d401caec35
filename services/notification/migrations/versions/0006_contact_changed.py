"""The host is told of corrected contact details."""

import sqlalchemy as sa
from alembic import op

revision = "0006_contact_changed"
down_revision = "0005_erasure"


def upgrade() -> None:
    partners = sa.table(
        "partners", sa.column("code", sa.String), sa.column("kind", sa.String), sa.column("told_of", sa.JSON)
    )
    connection = op.get_bind()
    told = sa.select(partners.c.code, partners.c.told_of).where(partners.c.kind == "host")
    for code, told_of in connection.execute(told).all():
        wanted = sorted({*told_of, "placement.contact_changed.v1"})
        connection.execute(sa.update(partners).where(partners.c.code == code).values(told_of=wanted))
