"""The first tables, and the rules that the programme started with."""

from datetime import date

import sqlalchemy as sa
from alembic import op

from chassis.migrations import create_chassis_tables
from chassis.store import Serial, UTCDateTime

revision = "0001"
down_revision = None

_OPEN = sa.text("state NOT IN ('ended', 'entered_in_error', 'ineligible', 'withdrawn')")

#: the ages are our reading of "of age and below reference age"; the regions are those with a programme in 2026
_FIRST_RULES = {
    "version": "2016-1",
    "valid_from": date(2016, 10, 1),
    "minimum_age": 18,
    "reference_age": 65,
    "open_regions": ["sion", "bas-valais"],
}


def upgrade() -> None:
    create_chassis_tables()
    _create_referrals()
    _create_timeline()
    _create_small_tables()
    op.bulk_insert(_create_rules(), [_FIRST_RULES])


def _create_referrals() -> None:
    op.create_table(
        "referrals",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("cms_area", sa.String(40), nullable=False),
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("avs_sealed", sa.Text, nullable=False),
        sa.Column("pseudonym", sa.String(20), nullable=False),
        sa.Column("application", sa.JSON, nullable=False),
        sa.Column("name_key", sa.String(210), nullable=False),
        sa.Column("region", sa.String(20)),
        sa.Column("submitted_by", sa.String(100), nullable=False),
        sa.Column("submitted_at", UTCDateTime, nullable=False),
        sa.Column("state", sa.String(30), nullable=False),
        sa.Column("assessment", sa.JSON),
        sa.Column("placement", sa.JSON),
        sa.Column("accepted_at", UTCDateTime),
        sa.Column("queue", sa.String(30)),
        sa.Column("queue_key", sa.String(60)),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_referrals"),
        sa.UniqueConstraint("reference", name="uq_referrals_reference"),
    )
    op.create_index(
        "uq_referrals_open_person",
        "referrals",
        ["person"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index("ix_referrals_cms_area_submitted_at", "referrals", ["cms_area", "submitted_at"])
    op.create_index("ix_referrals_queue_queue_key", "referrals", ["queue", "queue_key"])


def _create_timeline() -> None:
    op.create_table(
        "timeline",
        sa.Column("seq", Serial, nullable=False, autoincrement=True),
        sa.Column("id", sa.String(200), nullable=False),
        sa.Column("referral_id", sa.String(36), nullable=False),
        sa.Column("at", UTCDateTime, nullable=False),
        sa.Column("type", sa.String(100), nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_timeline"),
        sa.UniqueConstraint("id", name="uq_timeline_id"),
        sa.ForeignKeyConstraint(["referral_id"], ["referrals.id"], name="fk_timeline_referral_id"),
    )
    op.create_index("ix_timeline_referral_id", "timeline", ["referral_id"])


def _create_small_tables() -> None:
    op.create_table(
        "pseudonyms",
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("pseudonym", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_pseudonyms"),
        sa.UniqueConstraint("pseudonym", name="uq_pseudonyms_pseudonym"),
    )
    op.create_table(
        "reference_numbers",
        sa.Column("year", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("year", name="pk_reference_numbers"),
    )


def _create_rules() -> sa.Table:
    return op.create_table(
        "rules",
        sa.Column("version", sa.String(20), nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("minimum_age", sa.Integer, nullable=False),
        sa.Column("reference_age", sa.Integer, nullable=False),
        sa.Column("open_regions", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_rules"),
        sa.UniqueConstraint("valid_from", name="uq_rules_valid_from"),
    )
