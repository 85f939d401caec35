"""A file of referrals: received and looked at row by row, then imported by the worker once the CMS says so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from services.referral.domain.errors import ReferralError

#: how long the rows of a file are kept: they hold people's data, and referrals have it by then
KEPT_ROWS: Final = timedelta(days=7)

LONGEST: Final = 5000  #: rows of one file
LARGEST: Final = 3  #: megabytes of one file


class FileState(StrEnum):
    PREVIEWED = "previewed"  # looked at; nothing was referred yet
    RUNNING = "running"  # the CMS said yes, and the worker refers row after row
    FINISHED = "finished"  # each row was referred or says why it was not
    DISCARDED = "discarded"  # the CMS said no; its rows are gone


class RowState(StrEnum):
    VALID = "valid"  # could be referred
    INVALID = "invalid"  # something in it is wrong, field by field
    DUPLICATE = "duplicate"  # is there already; `reason` says where
    IMPORTED = "imported"  # was referred


#: why a row is a duplicate
TWICE, BEFORE, OPEN = "twice_in_file", "imported_before", "open_referral"


class ImportNotFound(ReferralError):
    """There is no such file, or it is somebody else's."""


class FileThereAlready(ReferralError):
    """The same person has sent the same file before."""

    def __init__(self, id: str) -> None:
        super().__init__(f"the file is there as {id}")
        self.id = id


class RowThereAlready(ReferralError):
    """The same row was referred before, from this file or another."""


class ImportNotPossible(ReferralError):
    """The file's state does not allow this."""

    def __init__(self, step: str, state: FileState) -> None:
        super().__init__(f"cannot {step} a file that is {state}")


@dataclass(frozen=True, kw_only=True)
class ReadRow:
    """A row as it was read: its cells, the answers that they mean, and what came out of looking at them."""

    number: int  # the line of the file, from 1 for the first below the header
    cells: Sequence[str]
    answers: Mapping[str, Any]
    key: str  # keyed hash of the answers: the same row is known again
    state: RowState
    reason: str | None = None
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(kw_only=True, eq=False)
class ImportRow:
    """A stored row; what it says is sealed."""

    file_id: str
    number: int
    content: Mapping[str, Any]  # cells and answers
    key: str
    state: RowState
    reason: str | None = None
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    reference: str | None = None

    @property
    def answers(self) -> dict[str, Any]:
        return dict(self.content["answers"])

    @property
    def cells(self) -> list[str]:
        return list(self.content["cells"])

    def become_referral(self, reference: str) -> None:
        self.state, self.reference = RowState.IMPORTED, reference

    def be_duplicate(self, reason: str) -> None:
        self.state, self.reason = RowState.DUPLICATE, reason

    def be_invalid(self, errors: Mapping[str, Sequence[str]]) -> None:
        self.state, self.errors = RowState.INVALID, errors


@dataclass(kw_only=True, eq=False)
class ImportFile:
    """The aggregate. `layout` is how the file was written, so that what is to be corrected is written the same."""

    id: str
    by: str
    name: str
    content_key: str  # keyed hash of the file: the same file is known again
    layout: Mapping[str, Any]
    received_at: datetime
    state: FileState = FileState.PREVIEWED
    confirmed_at: datetime | None = None
    finished_at: datetime | None = None
    version: int | None = None

    def confirm(self, now: datetime) -> None:
        """From now on the worker refers its valid rows. Raises ImportNotPossible."""
        self._move("confirm", FileState.RUNNING, FileState.PREVIEWED)
        self.confirmed_at = now

    def finish(self, now: datetime) -> None:
        self._move("finish", FileState.FINISHED, FileState.RUNNING)
        self.finished_at = now

    def discard(self) -> None:
        """Nothing of it is referred, and nothing kept. Raises ImportNotPossible."""
        self._move("discard", FileState.DISCARDED, FileState.PREVIEWED)

    @property
    def kept_until(self) -> datetime:
        return self.received_at + KEPT_ROWS

    def _move(self, step: str, target: FileState, source: FileState) -> None:
        if self.state is not source:
            raise ImportNotPossible(step, self.state)
        self.state = target
