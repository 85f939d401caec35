"""Migrations: Alembic, run from code, one history a service."""

import sqlalchemy as sa
from alembic import command, context, op
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from chassis.audit import tables as audit_tables
from chassis.store import (
    Store,
    ended_sessions,
    erased,
    failures,
    forgotten,
    heartbeats,
    inbox,
    kept_forms,
    operator_actions,
    outbox,
    received_long_ago,
    sent_long_ago,
)

_TABLES = (outbox, inbox, failures, operator_actions, heartbeats)


def migrate(store: Store) -> None:
    """Brings the store's tables to the newest revision, in one transaction."""
    config = _config(store)
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_migrated(store: Store) -> bool:
    """Whether the store is at the newest revision; raises what the database raises when it can't be asked."""
    head = ScriptDirectory.from_config(_config(store)).get_current_head()
    with store.engine.execution_options(reading=True).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head


def run(metadata: sa.MetaData) -> None:
    """What a service's env.py calls."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def create_chassis_tables() -> None:
    """For a service's first revision. A later change to these tables is a revision in every service."""
    for table in _TABLES:
        table.create(op.get_bind())


def let_old_rows_go() -> None:
    """For a revision of each service: what chassis.cleanup needs. A fresh store has its indexes already."""
    for each in (forgotten, sent_long_ago, received_long_ago):
        each.create(op.get_bind(), checkfirst=True)


def create_audit_tables() -> None:
    """For the revision in which a service begins to keep an audit."""
    audit_tables.create(op.get_bind())


def create_session_tables() -> None:
    """For the revision that came with them."""
    for table in (ended_sessions, kept_forms):
        table.create(op.get_bind())


def create_erasure_tables() -> None:
    """For the revision in which a service begins to remember what was erased."""
    erased.create(op.get_bind())


def leave_room_in_the_inbox() -> None:
    """For a revision of each service. A row is written again, with the end of its handling: where that fits onto its
    page, PostgreSQL need not enter it into the three indexes once more.
    """
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE inbox SET (fillfactor = 45)")


def _config(store: Store) -> Config:
    config = Config()
    config.set_main_option("script_location", str(store.migrations))
    return config
