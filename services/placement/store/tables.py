"""The tables of placement, and how the domain lies on them."""

from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import registry

from chassis.store import UTCDateTime, service_metadata
from services.placement.domain import Group, Lane, Mode, Participation, State

metadata = service_metadata()
mapping = registry(metadata=metadata)


def _named(kind: type[StrEnum]) -> sa.Enum:
    return sa.Enum(kind, native_enum=False, length=20, values_callable=lambda codes: [code.value for code in codes])


class Interviews(sa.TypeDecorator[dict[str, date | None]]):
    """Wave by wave the day its interview is due, None once it took place; ISO dates in JSON."""

    impl = sa.JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: dict[str, date | None] | None, dialect: sa.Dialect) -> Any:
        return {wave: day and day.isoformat() for wave, day in (value or {}).items()}

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> dict[str, date | None]:
        return {wave: day and date.fromisoformat(day) for wave, day in (value or {}).items()}


groups = sa.Table(
    "groups",
    metadata,
    sa.Column("code", sa.String(40), primary_key=True),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("region", sa.String(40), nullable=False),
    sa.Column("language", sa.String(2), nullable=False),
    sa.Column("capacity", sa.Integer, nullable=False),
    sa.Column("is_open", sa.Boolean, nullable=False),
    sa.Column("mode", _named(Mode), nullable=False),
    sa.Column("offer_days", sa.Integer, nullable=False),
    sa.Column("shrinking_to", sa.Integer),
    sa.Column("offered", sa.Integer, nullable=False),
    sa.Column("placed", sa.Integer, nullable=False),
    sa.Column("occupied", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    # the database keeps the one rule that nobody may break, whatever the code does
    sa.CheckConstraint("offered >= 0 AND placed >= 0 AND occupied >= 0", name="ck_groups_counted"),
    sa.CheckConstraint("offered + placed + occupied <= capacity", name="ck_groups_capacity"),
    sa.Index("ix_groups_region_language", "region", "language"),
)

lanes = sa.Table(
    "lanes",
    metadata,
    sa.Column("region", sa.String(40), primary_key=True),
    sa.Column("language", sa.String(2), primary_key=True),
    sa.Column("urgency", sa.String(10), primary_key=True),
    sa.Column("ready", sa.Integer, nullable=False),
    sa.Column("last_at", UTCDateTime),
    sa.Column("last_reference", sa.String(40)),
    sa.Column("version", sa.Integer, nullable=False),
    sa.CheckConstraint("ready >= 0", name="ck_lanes_ready"),
)

participations = sa.Table(
    "participations",
    metadata,
    sa.Column("reference", sa.String(40), primary_key=True),
    sa.Column("state", _named(State), nullable=False),
    sa.Column("since", UTCDateTime, nullable=False),
    sa.Column("region", sa.String(40)),
    sa.Column("language", sa.String(2)),
    sa.Column("urgency", sa.String(10)),
    sa.Column("cms_area", sa.String(40)),  # for the audit: the people of which CMS somebody saw
    sa.Column("accepted_at", UTCDateTime),
    sa.Column("pseudonym", sa.String(40)),
    sa.Column("birth_year", sa.Integer),
    sa.Column("sex", sa.String(1)),
    sa.Column("evaluation_consent", sa.Boolean, nullable=False),
    sa.Column("contact", sa.Text),  # JWE, as it came
    sa.Column("deferred", sa.Boolean, nullable=False),
    sa.Column("group_code", sa.String(40), sa.ForeignKey("groups.code"), key="group"),
    sa.Column("offered_until", UTCDateTime),
    sa.Column("starts_on", sa.Date),
    sa.Column("paused_on", sa.Date),
    sa.Column("ended_on", sa.Date),
    sa.Column("reason", sa.String(40)),
    sa.Column("interviews", Interviews, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)
#: what is left in the figures of those who were erased
erased_counts = sa.Table(
    "erased_counts",
    metadata,
    sa.Column("month", sa.String(7), primary_key=True),  # in which they were accepted: 2026-11
    sa.Column("region", sa.String(40), primary_key=True),
    sa.Column("outcome", sa.String(30), primary_key=True),
    sa.Column("people", sa.Integer, nullable=False),
)

_person = participations.c
#: as the partial indexes say it: a query has to say it in the same words for them to be used
READY = sa.text("state = 'waiting' AND NOT deferred")
PASSED_OVER = sa.text("state = 'waiting' AND deferred")
OFFERED = sa.text("state = 'offered'")
sa.Index(
    "ix_participations_ready",
    _person.region,
    _person.language,
    _person.urgency,
    _person.accepted_at,
    _person.reference,
    postgresql_where=READY,
    sqlite_where=READY,
)
sa.Index("ix_participations_offered", _person.offered_until, postgresql_where=OFFERED, sqlite_where=OFFERED)
sa.Index("ix_participations_group_state", _person.group, _person.state)
sa.Index(
    "ix_participations_passed_over",
    _person.region,
    _person.language,
    _person.since,
    postgresql_where=PASSED_OVER,
    sqlite_where=PASSED_OVER,
)
sa.Index("ix_participations_region_state_reason", _person.region, _person.state, _person.reason)
sa.Index("ix_participations_region_since_reference", _person.region, _person.since, _person.reference)

mapping.map_imperatively(Group, groups, version_id_col=groups.c.version)
mapping.map_imperatively(Lane, lanes, version_id_col=lanes.c.version)
mapping.map_imperatively(Participation, participations, version_id_col=participations.c.version)
