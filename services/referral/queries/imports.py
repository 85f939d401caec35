"""Files of referrals, as their pages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.referral.domain.imports import ImportFile, ImportNotFound, ImportRow, RowState
from services.referral.store.imports import import_files, import_rows

PAGE = 50  #: rows on one page
RECENT = 20  #: files in the list


@dataclass(frozen=True)
class FileView:
    """A file and how many of its rows are in which state."""

    file: ImportFile
    counts: Mapping[RowState, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def count(self, state: str) -> int:
        return self.counts.get(RowState(state), 0)

    @property
    def done(self) -> int:
        """Of the rows that could be referred when the file was looked at, those that are settled."""
        return self.count(RowState.IMPORTED)


def file_of(session: Session, id: str, by: str) -> FileView:
    """Raises ImportNotFound, also for what is somebody else's."""
    file = session.scalar(sa.select(ImportFile).where(import_files.c.id == id, import_files.c.by == by))
    if file is None:
        raise ImportNotFound
    table = import_rows.c
    counts = sa.select(table.state, sa.func.count()).where(table.file_id == id).group_by(table.state)
    return FileView(file, {row[0]: row[1] for row in session.execute(counts)})


def rows_of(session: Session, id: str, state: RowState, after: int = 0) -> tuple[Sequence[ImportRow], int | None]:
    """A page of rows in a state, and the number after which the next page begins; None where there is none."""
    table = import_rows.c
    query = sa.select(ImportRow).where(table.file_id == id, table.state == state, table.number > after)
    rows = session.scalars(query.order_by(table.number).limit(PAGE + 1)).all()
    return rows[:PAGE], rows[PAGE - 1].number if len(rows) > PAGE else None


def rows_to_correct(session: Session, id: str) -> Sequence[ImportRow]:
    """All that were not referred because something in them is wrong."""
    table = import_rows.c
    query = sa.select(ImportRow).where(table.file_id == id, table.state == RowState.INVALID)
    return session.scalars(query.order_by(table.number)).all()


def recent_files(session: Session, by: str) -> Sequence[ImportFile]:
    """One's own, the newest first."""
    newest = sa.select(ImportFile).where(import_files.c.by == by).order_by(import_files.c.received_at.desc())
    return session.scalars(newest.limit(RECENT)).all()
