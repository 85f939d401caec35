"""Files of referrals: what a CSV or Excel file says, row by row, in the names of the form's fields.

Nothing is calculated and nothing guessed: a cell is text, and what the file is was found by looking at its bytes.
"""

import csv
import io
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from openpyxl import load_workbook

from chassis.i18n import mark as _
from services.referral.domain.imports import LONGEST
from services.referral.forms.inputs import LONG
from services.referral.forms.schemas import ReferralForm
from services.referral.forms.sections import LISTS
from services.referral.store.keys import words

CSV, XLSX = "csv", "xlsx"
UNZIPPED: Final = 30_000_000  #: bytes that an Excel file may hold, unpacked
COLUMNS: Final = 100

_DAMAGED: Final = _("The Excel file cannot be opened. Save it anew as xlsx, without a password.")
_TOO_MANY: Final = _("A file may have at most %(n)s rows. Split it into several.")
_ENCODINGS: Final = ("utf-8-sig", "utf-16", "cp1252")
_DELIMITERS: Final = (";", ",", "\t")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class FileRefused(ValueError):
    """The file as a whole cannot be read; the message says why and what helps, to be translated.

    `columns` are fields that it speaks of, and `n` a number, to be filled in.
    """

    def __init__(self, message: str, columns: Sequence[str] = (), n: int = LONGEST) -> None:
        super().__init__(message)
        self.message = message
        self.columns = columns
        self.n = n


@dataclass(frozen=True)
class Columns:
    """What people call fields and answers, in any language, as `words` makes it: name -> field, word -> code."""

    fields: Mapping[str, str]
    codes: Mapping[str, Mapping[str, str]]
    ignored: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Line:
    """One row: its number below the header, its cells, the answers that they mean."""

    number: int
    cells: Sequence[str]
    answers: Mapping[str, Any]


@dataclass(frozen=True)
class Sheet:
    """A file that was read. `layout`: kind, delimiter, encoding and header; `unknown`: columns without a field."""

    layout: Mapping[str, Any]
    lines: Sequence[Line]
    unknown: Sequence[str]


def read_file(content: bytes, columns: Columns, given: Collection[str] = ()) -> Sheet:
    """`given` are fields that need no column. Raises FileRefused."""
    if not content:
        raise FileRefused(_("The file is empty."))
    layout, rows = _read_workbook(content) if content[:2] == b"PK" else _read_csv(content)
    header = next(rows, [])
    names = [columns.fields.get(key_of(title)) for title in header]
    _check_header(names, given)
    lines = _lines(rows, names, columns)
    if not lines:
        raise FileRefused(_("The file has a header, but no rows below it."))
    unknown = [
        title
        for title, name in zip(header, names, strict=True)
        if name is None and title and key_of(title) not in columns.ignored
    ]
    return Sheet({**layout, "header": header}, lines, unknown)


def key_of(text: str) -> str:
    """Two spellings of one word have the same key."""
    return " ".join(words(text))


def guarded(text: str) -> str:
    """What no spreadsheet takes for a formula when it opens a CSV file."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _read_csv(content: bytes) -> tuple[dict[str, Any], Iterator[list[str]]]:
    encoding, text = _decoded(content)
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return {"kind": CSV, "encoding": encoding, "delimiter": delimiter}, _unguarded(_unbroken(rows))


def _decoded(content: bytes) -> tuple[str, str]:
    encodings = _ENCODINGS if content[:2] in (b"\xff\xfe", b"\xfe\xff") else (_ENCODINGS[0], _ENCODINGS[2])
    for encoding in encodings:
        try:
            return encoding, content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileRefused(_("This is neither a CSV nor an Excel file (xlsx). Save it as one of the two."))


def _unbroken(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    try:
        yield from rows
    except csv.Error as error:
        raise FileRefused(_("This is no CSV file: a quotation mark is not closed, or a cell is too long.")) from error


def _unguarded(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    """Takes off what `guarded` puts on."""
    for row in rows:
        yield [cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell for cell in row]


def _read_workbook(content: bytes) -> tuple[dict[str, Any], Iterator[list[str]]]:
    _check_size(content)
    try:
        sheet = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
        rows = sheet.iter_rows(max_row=LONGEST * 2, max_col=COLUMNS, values_only=True)
        return {"kind": XLSX}, iter(list(_as_text(rows)))
    except Exception as error:  # openpyxl raises whatever a damaged file leads it to
        raise FileRefused(_DAMAGED) from error


def _check_size(content: bytes) -> None:
    """A small file may hold a very large one."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            unzipped = sum(each.file_size for each in packed.infolist())
    except zipfile.BadZipFile as error:
        raise FileRefused(_DAMAGED) from error
    if unzipped > UNZIPPED:
        raise FileRefused(_TOO_MANY)


def _as_text(rows: Iterable[Sequence[Any]]) -> Iterator[list[str]]:
    for row in rows:
        cells = [_cell(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        yield cells


def _cell(value: Any) -> str:
    """A cell as it would be typed: whole numbers without a point, days without a time, yes and no as words."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _check_header(names: Sequence[str | None], given: Collection[str]) -> None:
    known = [name for name in names if name]
    every = ReferralForm._declared_fields.items()
    required = [name for name, field in every if field.required and name not in given]
    missing = [name for name in required if name not in known]
    if len(missing) == len(required):
        raise FileRefused(_("The first row must name the columns, as in the template."))
    if missing:
        raise FileRefused(_("Columns are missing: %(columns)s. Take them over from the template."), missing)
    if len(known) > len(set(known)):
        raise FileRefused(_("A column is there twice. Remove one of them."))


def _lines(rows: Iterable[list[str]], names: Sequence[str | None], columns: Columns) -> list[Line]:
    """The rows that say something; the others are counted only."""
    lines = [
        Line(number, cells[:COLUMNS], _answers(cells, names, columns))
        for number, cells in enumerate(rows, 1)
        if any(cell.strip() for cell in cells)
    ]
    if len(lines) > LONGEST:
        raise FileRefused(_TOO_MANY)
    return lines


def _answers(cells: Sequence[str], names: Sequence[str | None], columns: Columns) -> dict[str, Any]:
    """Field -> what the form would have been sent; words that mean no code stay as they are, for the form to refuse."""
    told = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name and cell.strip()}
    return {name: _coded(name, text[: LONG + 1], columns.codes.get(name, {})) for name, text in told.items()}


def _coded(name: str, text: str, codes: Mapping[str, str]) -> Any:
    if name in LISTS:
        parts = [part.strip() for part in text.replace(";", "|").replace(",", "|").split("|")]
        return [codes.get(key_of(part), part) for part in parts if part]
    return codes.get(key_of(text), text)
