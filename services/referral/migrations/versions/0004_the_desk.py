"""Drafts and reported costs; what is personal is sealed, and found again by keyed hashes only."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from chassis.sealed import Sealed
from chassis.store import UTCDateTime

revision = "0004_the_desk"
down_revision = "0003_audit"

_FAILED = sa.text("type = 'notification.failed.v1'")
_AT_ONCE = 500  #: rows read at a time


def upgrade() -> None:
    _create_drafts()
    _create_name_keys()
    _create_costs()
    _index_lists()
    _seal_applications()


def _create_drafts() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("cms_area", sa.String(40), nullable=False),
        sa.Column("answers", sa.Text, nullable=False),
        sa.Column("saves", sa.JSON, nullable=False),
        sa.Column("person", sa.String(64)),
        sa.Column("corrects", sa.String(20)),
        sa.Column("sent_as", sa.String(20)),
        sa.Column("created_by", sa.String(100), nullable=False),
        sa.Column("created_at", UTCDateTime, nullable=False),
        sa.Column("saved_by", sa.String(100), nullable=False),
        sa.Column("saved_at", UTCDateTime, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_drafts"),
        sa.UniqueConstraint("corrects", name="uq_drafts_corrects"),
    )
    op.create_index("ix_drafts_person", "drafts", ["person"])
    op.create_index("ix_drafts_cms_area_saved_at", "drafts", ["cms_area", "saved_at"])


def _create_name_keys() -> None:
    op.create_table(
        "name_keys",
        sa.Column("referral_id", sa.String(36), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("referral_id", "key", name="pk_name_keys"),
        sa.ForeignKeyConstraint(["referral_id"], ["referrals.id"], name="fk_name_keys_referral_id", ondelete="CASCADE"),
    )
    op.create_index("ix_name_keys_key", "name_keys", ["key"])


def _create_costs() -> None:
    op.create_table(
        "costs",
        sa.Column("referral_id", sa.String(36), nullable=False),
        sa.Column("period", sa.String(10), nullable=False),
        sa.Column("chf", sa.Text, nullable=False),
        sa.Column("reported_by", sa.String(100), nullable=False),
        sa.Column("reported_at", UTCDateTime, nullable=False),
        sa.PrimaryKeyConstraint("referral_id", "period", name="pk_costs"),
        sa.ForeignKeyConstraint(["referral_id"], ["referrals.id"], name="fk_costs_referral_id", ondelete="CASCADE"),
    )


def _index_lists() -> None:
    op.drop_index("ix_referrals_cms_area_submitted_at", "referrals")
    op.create_index("ix_referrals_person", "referrals", ["person"])
    op.create_index("ix_referrals_newest", "referrals", ["cms_area", "submitted_at", "reference"])
    op.create_index("ix_referrals_newest_of_state", "referrals", ["cms_area", "state", "submitted_at", "reference"])
    op.create_index("ix_timeline_failed", "timeline", ["referral_id"], sqlite_where=_FAILED, postgresql_where=_FAILED)


def _seal_applications() -> None:
    """What was readable is sealed; names of before are found by the reference only, until somebody corrects them."""
    op.add_column("referrals", sa.Column("application_sealed", sa.Text, nullable=False, server_default=""))
    columns = (sa.column("id", sa.String), sa.column("application", sa.JSON), sa.column("application_sealed", Sealed()))
    table = sa.table("referrals", *columns)
    last = ""
    while rows := _after(table, last):
        for id, readable in rows:
            change = sa.update(table).where(table.c.id == id)
            op.get_bind().execute(change.values(application_sealed=readable))
        last = rows[-1].id
    op.drop_column("referrals", "application")
    op.drop_column("referrals", "name_key")


def _after(table: Any, last: str) -> Any:
    query = sa.select(table.c.id, table.c.application).where(table.c.id > last).order_by(table.c.id)
    return op.get_bind().execute(query.limit(_AT_ONCE)).all()
