"""The tables of the audit, and the triggers that let nobody change what stands in them."""

import sqlalchemy as sa

from chassis.store import Serial, UTCDateTime

audit_metadata = sa.MetaData()

audit = sa.Table(
    "audit",
    audit_metadata,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("at", UTCDateTime, nullable=False),
    sa.Column("account", sa.String(100), nullable=False),  # opaque: of an account, or what a token calls itself
    sa.Column("role", sa.String(30), nullable=False),
    sa.Column("organisation", sa.String(50)),
    sa.Column("action", sa.String(40), nullable=False),
    sa.Column("kind", sa.String(30), nullable=False),
    sa.Column("reference", sa.String(60)),  # None for a list: see audit_listed
    sa.Column("area", sa.String(40)),  # to whose area the thing belongs, where the store knows it
    sa.Column("outcome", sa.String(10), nullable=False),
    sa.Column("detail", sa.String(60)),  # a code
    sa.Column("request", sa.String(40)),
    sa.Column("position", sa.BigInteger),  # in the chain; None until it is sealed
    sa.Column("digest", sa.String(64)),
    sa.Index("uq_audit_position", "position", unique=True),
    sa.Index("ix_audit_at", "at", "id"),
    sa.Index("ix_audit_reference_at", "reference", "at"),
    sa.Index("ix_audit_account_at", "account", "at"),
    sa.Index("ix_audit_area_at", "area", "at"),
)
sa.Index(
    "ix_audit_unsealed", audit.c.id, postgresql_where=audit.c.digest.is_(None), sqlite_where=audit.c.digest.is_(None)
)

#: what a list showed, a row each
audit_listed = sa.Table(
    "audit_listed",
    audit_metadata,
    sa.Column("entry", Serial, sa.ForeignKey("audit.id", name="fk_audit_listed_entry"), primary_key=True),
    sa.Column("reference", sa.String(60), primary_key=True),
    sa.Column("area", sa.String(40)),
    sa.Index("ix_audit_listed_reference", "reference", "entry"),
    sa.Index("ix_audit_listed_area", "area", "entry"),
)

#: up to which position the chain was cut off, because its time was over
audit_cuts = sa.Table(
    "audit_cuts",
    audit_metadata,
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("digest", sa.String(64), nullable=False),  # of the last row that went
    sa.Column("at", UTCDateTime, nullable=False),
    sa.Column("seal", sa.String(64), nullable=False),
)

#: sealing may fill these in, once
_SEALED = ("position", "digest")
_KEPT = [column.name for column in audit.c if column.name not in _SEALED]


def create(connection: sa.Connection) -> None:
    """The tables with their triggers, for a migration."""
    audit_metadata.create_all(connection)
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL:
        connection.exec_driver_sql(statement)


_SQLITE_REFUSAL = "BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END"
_SQLITE_CHANGED = " OR ".join(f'OLD."{name}" IS NOT NEW."{name}"' for name in _KEPT)
_LISTED = "(SELECT position FROM audit WHERE id = OLD.entry)"
_CUT = "(SELECT coalesce(max(position), 0) FROM audit_cuts)"
_SQLITE = (
    "CREATE TRIGGER audit_stays BEFORE UPDATE ON audit "
    f"WHEN OLD.digest IS NOT NULL OR {_SQLITE_CHANGED} {_SQLITE_REFUSAL}",
    f"CREATE TRIGGER audit_goes BEFORE DELETE ON audit WHEN coalesce(OLD.position > {_CUT}, 1) {_SQLITE_REFUSAL}",
    f"CREATE TRIGGER audit_listed_stays BEFORE UPDATE ON audit_listed {_SQLITE_REFUSAL}",
    "CREATE TRIGGER audit_listed_goes BEFORE DELETE ON audit_listed "
    f"WHEN coalesce({_LISTED} > {_CUT}, 1) {_SQLITE_REFUSAL}",
    f"CREATE TRIGGER audit_cuts_stay BEFORE UPDATE ON audit_cuts {_SQLITE_REFUSAL}",
    f"CREATE TRIGGER audit_cuts_go BEFORE DELETE ON audit_cuts {_SQLITE_REFUSAL}",
)


def _function(name: str, unless: str = "") -> str:
    exception = f"IF {unless} THEN RETURN OLD; END IF; " if unless else ""
    raised = "RAISE EXCEPTION 'the audit is only added to' USING ERRCODE = 'integrity_constraint_violation';"
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {exception}{raised} END $$"


def _row(prefix: str) -> str:
    return ", ".join(f'{prefix}."{name}"' for name in _KEPT)


_TABLES = [table.name for table in audit_metadata.sorted_tables]
_POSTGRESQL = (
    _function("audit_refuses"),
    _function("audit_lets_go", f"OLD.position <= {_CUT}"),
    _function("audit_listed_lets_go", f"{_LISTED} <= {_CUT}"),
    "CREATE TRIGGER audit_stays BEFORE UPDATE ON audit FOR EACH ROW "
    f"WHEN (OLD.digest IS NOT NULL OR ROW({_row('OLD')}) IS DISTINCT FROM ROW({_row('NEW')})) "
    "EXECUTE FUNCTION audit_refuses()",
    "CREATE TRIGGER audit_goes BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_lets_go()",
    "CREATE TRIGGER audit_listed_stays BEFORE UPDATE ON audit_listed FOR EACH ROW EXECUTE FUNCTION audit_refuses()",
    "CREATE TRIGGER audit_listed_goes BEFORE DELETE ON audit_listed FOR EACH ROW "
    "EXECUTE FUNCTION audit_listed_lets_go()",
    "CREATE TRIGGER audit_cuts_stay BEFORE UPDATE OR DELETE ON audit_cuts FOR EACH ROW "
    "EXECUTE FUNCTION audit_refuses()",
    *(
        f"CREATE TRIGGER {name}_whole BEFORE TRUNCATE ON {name} FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses()"
        for name in _TABLES
    ),
)
