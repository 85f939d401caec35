"""Groups, waiting lists and participations; the two groups that the programme began with."""

import sqlalchemy as sa
from alembic import op

from chassis.migrations import create_chassis_tables
from chassis.store import UTCDateTime

revision = "0001_first"
down_revision = None

#: what there is at the start; from then on the host changes it on its pages
_GROUPS = (("oseo-sion", "OSEO Sion", "sion"), ("oseo-bas-valais", "OSEO Bas-Valais", "bas-valais"))
_CAPACITY = 15


def upgrade() -> None:
    create_chassis_tables()
    _groups()
    _participations()
    _seed(_lanes())


def _groups() -> None:
    groups = op.create_table(
        "groups",
        sa.Column("code", sa.String(40), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("region", sa.String(40), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("capacity", sa.Integer, nullable=False),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("mode", sa.String(20), nullable=False),
        sa.Column("offer_days", sa.Integer, nullable=False),
        sa.Column("shrinking_to", sa.Integer),
        sa.Column("offered", sa.Integer, nullable=False),
        sa.Column("placed", sa.Integer, nullable=False),
        sa.Column("occupied", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("offered >= 0 AND placed >= 0 AND occupied >= 0", name="ck_groups_counted"),
        sa.CheckConstraint("offered + placed + occupied <= capacity", name="ck_groups_capacity"),
    )
    op.create_index("ix_groups_region_language", "groups", ["region", "language"])
    op.bulk_insert(groups, [_group(code, name, region) for code, name, region in _GROUPS])


def _group(code: str, name: str, region: str) -> dict[str, object]:
    given = {"is_open": True, "mode": "automatic", "offer_days": 7}
    counts = {"offered": 0, "placed": 0, "occupied": 0, "version": 1}
    return {"code": code, "name": name, "region": region, "language": "fr", "capacity": _CAPACITY} | given | counts


def _lanes() -> sa.Table:
    return op.create_table(
        "lanes",
        sa.Column("region", sa.String(40), primary_key=True),
        sa.Column("language", sa.String(2), primary_key=True),
        sa.Column("urgency", sa.String(10), primary_key=True),
        sa.Column("ready", sa.Integer, nullable=False),
        sa.Column("last_at", UTCDateTime),
        sa.Column("last_reference", sa.String(40)),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("ready >= 0", name="ck_lanes_ready"),
    )


def _seed(lanes: sa.Table) -> None:
    rows = [
        {"region": region, "language": "fr", "urgency": urgency, "ready": 0, "version": 1}
        for _, _, region in _GROUPS
        for urgency in ("high", "normal")
    ]
    op.bulk_insert(lanes, rows)


def _participations() -> None:
    op.create_table(
        "participations",
        sa.Column("reference", sa.String(40), primary_key=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("since", UTCDateTime, nullable=False),
        sa.Column("region", sa.String(40)),
        sa.Column("language", sa.String(2)),
        sa.Column("urgency", sa.String(10)),
        sa.Column("accepted_at", UTCDateTime),
        sa.Column("pseudonym", sa.String(40)),
        sa.Column("birth_year", sa.Integer),
        sa.Column("sex", sa.String(1)),
        sa.Column("evaluation_consent", sa.Boolean, nullable=False),
        sa.Column("contact", sa.Text),
        sa.Column("deferred", sa.Boolean, nullable=False),
        sa.Column("group_code", sa.String(40), sa.ForeignKey("groups.code")),
        sa.Column("offered_until", UTCDateTime),
        sa.Column("starts_on", sa.Date),
        sa.Column("paused_on", sa.Date),
        sa.Column("ended_on", sa.Date),
        sa.Column("reason", sa.String(40)),
        sa.Column("interviews", sa.JSON, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    _index_participations()


def _index_participations() -> None:
    table = "participations"
    order = ["region", "language", "urgency", "accepted_at", "reference"]
    _partial("ix_participations_ready", order, "state = 'waiting' AND NOT deferred")
    _partial("ix_participations_offered", ["offered_until"], "state = 'offered'")
    op.create_index("ix_participations_group_state", table, ["group_code", "state"])
    op.create_index("ix_participations_region_state", table, ["region", "state"])


def _partial(name: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, "participations", columns, postgresql_where=condition, sqlite_where=condition)
