"""The tables of the referral service, and how the domain lies on them."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import registry

from chassis.sealed import Sealed
from chassis.store import Serial, UTCDateTime, service_metadata
from contracts.people import ALL_AREAS
from services.referral.domain import CLOSED, AnnouncedErasure, Draft, Referral, Rules, State
from services.referral.store.documents import application_document, assessment_document, placement_document

metadata = service_metadata()
mapping = registry(metadata=metadata)

#: one open referral per person, kept by the database itself
OPEN_PERSON = "uq_referrals_open_person"
_OPEN = sa.text(f"state NOT IN ({', '.join(repr(str(state)) for state in sorted(CLOSED))})")

#: messages that did not reach a partner: few, and looked for on every visit of the list
_FAILED = sa.text("type = 'notification.failed.v1'")

_STATES = sa.Enum(State, native_enum=False, length=30, values_callable=lambda states: [state.value for state in states])

referrals = sa.Table(
    "referrals",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("reference", sa.String(20), nullable=False, unique=True),
    sa.Column("cms_area", sa.String(40), nullable=False),
    sa.Column("person", sa.String(64), nullable=False),  # keyed hash of the AVS number
    sa.Column("avs_sealed", sa.Text, nullable=False),  # the number itself, encrypted
    sa.Column("pseudonym", sa.String(20), nullable=False),
    sa.Column("application_sealed", application_document(), key="application", nullable=False),
    sa.Column("region", sa.String(20)),
    sa.Column("submitted_by", sa.String(100), nullable=False),  # who sent it: id of an account or a token
    sa.Column("submitted_at", UTCDateTime, nullable=False),
    sa.Column("state", _STATES, nullable=False),
    sa.Column("assessment", assessment_document()),
    sa.Column("placement", placement_document()),
    sa.Column("accepted_at", UTCDateTime),
    sa.Column("queue", sa.String(30)),
    sa.Column("queue_key", sa.String(60)),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index(OPEN_PERSON, "person", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    sa.Index("ix_referrals_person", "person"),
    sa.Index("ix_referrals_newest", "cms_area", "submitted_at", "reference"),
    sa.Index("ix_referrals_newest_of_state", "cms_area", "state", "submitted_at", "reference"),
    # lists over all CMS: filters are decided in the index, without opening a row
    sa.Index("ix_referrals_all", "submitted_at", "reference", "state", "cms_area", "region"),
    sa.Index("ix_referrals_mine", "submitted_by", "cms_area", "submitted_at", "reference"),
    sa.Index("ix_referrals_queue_queue_key", "queue", "queue_key"),
)

timeline = sa.Table(
    "timeline",
    metadata,
    sa.Column("seq", Serial, primary_key=True, autoincrement=True),  # as heard: causes before effects
    sa.Column("id", sa.String(200), nullable=False, unique=True),  # of the event that told it
    sa.Column("referral_id", sa.String(36), sa.ForeignKey("referrals.id"), nullable=False),
    sa.Column("at", UTCDateTime, nullable=False),
    sa.Column("type", sa.String(100), nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Index("ix_timeline_referral_id", "referral_id"),
    sa.Index("ix_timeline_failed", "referral_id", sqlite_where=_FAILED, postgresql_where=_FAILED),
)

#: the key between persons and pseudonyms: it never leaves this store
pseudonyms = sa.Table(
    "pseudonyms",
    metadata,
    sa.Column("person", sa.String(64), primary_key=True),
    sa.Column("pseudonym", sa.String(20), nullable=False, unique=True),
)

#: the numbers given. A row each, and not a counter, which one would hold until its commit while all others wait
reference_numbers = sa.Table(
    "reference_numbers",
    metadata,
    sa.Column("number", Serial, primary_key=True, autoincrement=True),
    sqlite_autoincrement=True,
)

rules = sa.Table(
    "rules",
    metadata,
    sa.Column("version", sa.String(20), primary_key=True),
    sa.Column("valid_from", sa.Date, nullable=False, unique=True),
    sa.Column("minimum_age", sa.Integer, nullable=False),
    sa.Column("reference_age", sa.Integer, nullable=False),
    sa.Column("open_regions", sa.JSON, nullable=False),
    sa.Column("waived", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("adopted_by", sa.String(100)),  # id of an account; None for those that the programme started with
    sa.Column("adopted_at", UTCDateTime),
)

#: what a CMS is typing; the answers are as personal as a referral's
drafts = sa.Table(
    "drafts",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("cms_area", sa.String(40), nullable=False),
    sa.Column("answers", Sealed(), nullable=False),
    sa.Column("saves", sa.JSON, nullable=False),
    sa.Column("person", sa.String(64), index=True),  # keyed hash of the AVS number
    sa.Column("corrects", sa.String(20), unique=True),
    sa.Column("sent_as", sa.String(20)),
    sa.Column("created_by", sa.String(100), nullable=False),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.Column("saved_by", sa.String(100), nullable=False),
    sa.Column("saved_at", UTCDateTime, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_drafts_cms_area_saved_at", "cms_area", "saved_at"),
)

#: what has been announced to go, because nothing has happened with it for long
erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("reference", sa.String(20), primary_key=True),
    sa.Column("cms_area", sa.String(40), nullable=False),
    sa.Column("on", sa.Date, nullable=False, index=True),
    sa.Column("announced_at", UTCDateTime, nullable=False),
)

#: what is left of those who were erased
erased_counts = sa.Table(
    "erased_counts",
    metadata,
    sa.Column("month", sa.String(7), primary_key=True),  # of the referral: 2026-11
    sa.Column("cms_area", sa.String(40), primary_key=True),
    sa.Column("region", sa.String(20), primary_key=True),  # empty where there was none
    sa.Column("outcome", sa.String(30), primary_key=True),
    sa.Column("people", sa.Integer, nullable=False),
)

#: by what a person is found again, as keyed hashes: see keys.py
name_keys = sa.Table(
    "name_keys",
    metadata,
    sa.Column("referral_id", sa.String(36), sa.ForeignKey("referrals.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("key", sa.String(32), primary_key=True),
    sa.Index("ix_name_keys_key", "key"),
)

#: medical costs that the CMS reported, by quarter; the last figure counts
costs = sa.Table(
    "costs",
    metadata,
    sa.Column("referral_id", sa.String(36), sa.ForeignKey("referrals.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("period", sa.String(10), primary_key=True),  # 2026-Q4
    sa.Column("chf", Sealed(), nullable=False),  # whole francs
    sa.Column("reported_by", sa.String(100), nullable=False),
    sa.Column("reported_at", UTCDateTime, nullable=False),
)

mapping.map_imperatively(Referral, referrals, version_id_col=referrals.c.version)
mapping.map_imperatively(AnnouncedErasure, erasures)
mapping.map_imperatively(Draft, drafts, version_id_col=drafts.c.version)


def within(areas: Collection[str]) -> list[sa.ColumnElement[bool]]:
    """Referrals of these areas only."""
    return [] if ALL_AREAS in areas else [referrals.c.cms_area.in_(sorted(areas))]


def read_rules(row: Any) -> Rules:
    return Rules(
        row.version, row.valid_from, row.minimum_age, row.reference_age, tuple(row.open_regions), tuple(row.waived)
    )
