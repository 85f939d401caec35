"""References are numbered without anybody waiting for the commit of another."""

import sqlalchemy as sa
from alembic import op

from chassis.store import Serial

revision = "0012_numbers"
down_revision = "0011_mine"


def upgrade() -> None:
    given = op.get_bind().scalar(sa.text("SELECT max(last) FROM reference_numbers")) or 0
    op.drop_table("reference_numbers")
    numbers = op.create_table(
        "reference_numbers",
        sa.Column("number", Serial, nullable=False, autoincrement=True),
        sa.PrimaryKeyConstraint("number", name="pk_reference_numbers"),
        sqlite_autoincrement=True,
    )
    if given:
        op.bulk_insert(numbers, [{"number": given}])
        if op.get_bind().dialect.name == "postgresql":
            sequence = "pg_get_serial_sequence('reference_numbers', 'number')"
            op.execute(f"SELECT setval({sequence}, {given})")
