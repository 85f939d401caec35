"""Files of referrals: the file, its sealed rows, and the keys by which rows are known again."""

import sqlalchemy as sa
from alembic import op

from chassis.store import UTCDateTime

revision = "0008_imports"
down_revision = "0007_erasure"


def upgrade() -> None:
    op.create_table(
        "import_files",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("content_key", sa.String(64), nullable=False),
        sa.Column("layout", sa.Text, nullable=False),
        sa.Column("received_at", UTCDateTime, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("confirmed_at", UTCDateTime),
        sa.Column("finished_at", UTCDateTime),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_import_files"),
    )
    op.create_index("ix_import_files_by_received_at", "import_files", ["by", "received_at"])
    op.create_index("ix_import_files_state_confirmed_at", "import_files", ["state", "confirmed_at"])
    _create_rows()
    op.create_table(
        "import_keys",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("at", UTCDateTime, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_import_keys"),
    )
    op.create_index("ix_import_keys_reference", "import_keys", ["reference"])


def _create_rows() -> None:
    op.create_table(
        "import_rows",
        sa.Column("file_id", sa.String(36), nullable=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(30)),
        sa.Column("errors", sa.JSON, nullable=False),
        sa.Column("reference", sa.String(20)),
        sa.PrimaryKeyConstraint("file_id", "number", name="pk_import_rows"),
        sa.ForeignKeyConstraint(["file_id"], ["import_files.id"], name="fk_import_rows_file_id", ondelete="CASCADE"),
    )
    op.create_index("ix_import_rows_file_id_state", "import_rows", ["file_id", "state", "number"])
