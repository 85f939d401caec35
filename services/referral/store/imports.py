"""Files of referrals, their rows, and the keys by which rows are known again."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chassis.rows import among, claim, insert_all
from chassis.sealed import Sealed
from chassis.store import UTCDateTime
from services.referral.domain import CLOSED
from services.referral.domain.imports import (
    KEPT_ROWS,
    FileState,
    ImportFile,
    ImportNotFound,
    ImportRow,
    ReadRow,
    RowState,
)
from services.referral.store.tables import mapping, metadata, referrals

import_files = sa.Table(
    "import_files",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("by", sa.String(100), nullable=False),  # id of the account
    sa.Column("name", Sealed(), nullable=False),  # a file may be called after a person
    sa.Column("content_key", sa.String(64), nullable=False),
    sa.Column("layout", Sealed(), nullable=False),
    sa.Column("received_at", UTCDateTime, nullable=False),
    sa.Column("state", sa.Enum(FileState, native_enum=False, length=20, values_callable=list), nullable=False),
    sa.Column("confirmed_at", UTCDateTime),
    sa.Column("finished_at", UTCDateTime),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_import_files_by_received_at", "by", "received_at"),
    sa.Index("ix_import_files_state_confirmed_at", "state", "confirmed_at"),
)

import_rows = sa.Table(
    "import_rows",
    metadata,
    sa.Column("file_id", sa.String(36), sa.ForeignKey("import_files.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("content", Sealed(), nullable=False),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("state", sa.Enum(RowState, native_enum=False, length=20, values_callable=list), nullable=False),
    sa.Column("reason", sa.String(30)),
    sa.Column("errors", sa.JSON, nullable=False),  # sentences about fields, none of what was typed
    sa.Column("reference", sa.String(20)),
    sa.Index("ix_import_rows_file_id_state", "file_id", "state", "number"),
)

#: rows that were referred, as keyed hashes: the same row adds nothing again, in whatever file it comes
import_keys = sa.Table(
    "import_keys",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("reference", sa.String(20), nullable=False, index=True),
    sa.Column("at", UTCDateTime, nullable=False),
)

mapping.map_imperatively(ImportFile, import_files, version_id_col=import_files.c.version)
mapping.map_imperatively(ImportRow, import_rows)


class Imports:
    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, file: ImportFile, rows: Sequence[ReadRow]) -> None:
        self.session.add(file)
        self.session.flush()
        stored = [_stored(file.id, row) for row in rows]
        if stored:
            insert_all(self.session, import_rows, stored)

    def get(self, id: str, by: str) -> ImportFile:
        """Raises ImportNotFound, also for what is somebody else's."""
        query = sa.select(ImportFile).where(import_files.c.id == id, import_files.c.by == by).with_for_update()
        file = self.session.scalar(query)
        if file is None:
            raise ImportNotFound
        return file

    def same(self, content_key: str, by: str) -> ImportFile | None:
        """The same file, where the same person has sent it and not discarded it."""
        table = import_files.c
        alike = (table.content_key == content_key, table.by == by, table.state != FileState.DISCARDED)
        return self.session.scalar(sa.select(ImportFile).where(*alike).order_by(table.received_at.desc()).limit(1))

    def known_keys(self, keys: Collection[str]) -> set[str]:
        """Those of the keys whose rows were referred before."""
        return set(
            self.session.scalars(sa.select(import_keys.c.key).where(among(self.session, import_keys.c.key, keys)))
        )

    def people_with_open_referral(self, people: Collection[str]) -> set[str]:
        """Those of these people (keyed hashes) who have an open referral, anywhere."""
        table = referrals.c
        open_ones = sa.select(table.person).where(among(self.session, table.person, people), table.state.not_in(CLOSED))
        return set(self.session.scalars(open_ones))

    def claim_key(self, key: str, reference: str, now: datetime) -> bool:
        """Whether nobody has referred the same row before; from now on it is this referral's."""
        row = {"key": key, "reference": reference, "at": now}
        return bool(claim(self.session, import_keys, [row], import_keys.c.key))

    def running(self) -> ImportFile | None:
        """The file whose turn it is: the one confirmed first."""
        table = import_files.c
        first = sa.select(ImportFile).where(table.state == FileState.RUNNING).order_by(table.confirmed_at, table.id)
        return self.session.scalar(first.limit(1).with_for_update())

    def waiting_rows(self, file_id: str, limit: int) -> Sequence[int]:
        """Numbers of the next rows to be referred."""
        table = import_rows.c
        waiting = sa.select(table.number).where(table.file_id == file_id, table.state == RowState.VALID)
        return self.session.scalars(waiting.order_by(table.number).limit(limit)).all()

    def row(self, file_id: str, number: int) -> ImportRow:
        found = sa.select(ImportRow).where(import_rows.c.file_id == file_id, import_rows.c.number == number)
        return self.session.scalars(found.with_for_update()).one()

    def drop_rows(self, file_id: str) -> None:
        self.session.execute(sa.delete(import_rows).where(import_rows.c.file_id == file_id))

    def forget(self, now: datetime) -> int:
        """Removes files and rows whose time is over, however far they came; how many files."""
        old = sa.select(import_files.c.id).where(import_files.c.received_at <= now - KEPT_ROWS)
        self.session.execute(sa.delete(import_rows).where(import_rows.c.file_id.in_(old)))
        done = self.session.execute(sa.delete(import_files).where(import_files.c.received_at <= now - KEPT_ROWS))
        return cast("sa.CursorResult[Any]", done).rowcount


def _stored(file_id: str, row: ReadRow) -> dict[str, Any]:
    return {
        "file_id": file_id,
        "number": row.number,
        "content": {"cells": list(row.cells), "answers": dict(row.answers)},
        "key": row.key,
        "state": row.state,
        "reason": row.reason,
        "errors": dict(row.errors),
        "reference": None,
    }
