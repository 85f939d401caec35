"""Files that people take away: the template to fill in, and what is to be corrected, written as it came."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from services.referral.domain.imports import LONGEST
from services.referral.forms.files import CSV, guarded

#: how Switzerland's spreadsheets write and read CSV without being asked
USUAL: Final = {"kind": CSV, "encoding": "utf-8-sig", "delimiter": ";"}

_WIDTH = 28  #: characters of a column


def write(layout: Mapping[str, Any], header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """The file in the kind, encoding and with the delimiter of `layout`."""
    return _csv(layout, header, rows) if layout["kind"] == CSV else _xlsx(header, rows)


def write_template(kind: str, header: Sequence[str], choices: Mapping[str, Sequence[str]], name: str) -> bytes:
    """An empty file with its header; in a workbook, columns with `choices` offer them (kept on the sheet `name`)."""
    if kind == CSV:
        return _csv(USUAL, header, [])
    book = _book(header, [])
    _offer(book, header, choices, name)
    return _saved(book)


def _csv(layout: Mapping[str, Any], header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=layout["delimiter"])
    writer.writerows([[guarded(cell) for cell in row] for row in (header, *rows)])
    # a reason may hold a letter that the file's own encoding lacks
    return text.getvalue().encode(layout["encoding"], errors="replace")


def _xlsx(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    return _saved(_book(header, rows))


def _book(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Workbook:
    book = Workbook()
    sheet = book.worksheets[0]
    for line, row in enumerate((header, *rows), 1):
        for column, text in enumerate(row, 1):
            _write_text(sheet.cell(line, column), text)
    for column in range(1, len(header) + 1):
        sheet.cell(1, column).font = Font(bold=True)
        sheet.cell(1, column).alignment = Alignment(wrap_text=True, vertical="top")
        size = sheet.column_dimensions[get_column_letter(column)]
        size.width, size.number_format = _WIDTH, "@"  # as text: zeros and plus signs at the beginning stay
    sheet.freeze_panes = "A2"
    return book


def _write_text(cell: Any, text: str) -> None:
    """Text and nothing else, whatever it begins with."""
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)
    cell.data_type = "s"
    cell.number_format = "@"


def _offer(book: Workbook, header: Sequence[str], choices: Mapping[str, Sequence[str]], name: str) -> None:
    lists = book.create_sheet(name)
    for column, (title, texts) in enumerate(choices.items(), 1):
        for line, text in enumerate((title, *texts), 1):
            _write_text(lists.cell(line, column), text)
        letter = get_column_letter(column)
        rule = DataValidation("list", formula1=f"'{name}'!${letter}$2:${letter}${len(texts) + 1}", allow_blank=True)
        rule.error = rule.prompt = None
        rule.showErrorMessage = False  # other spellings are understood too
        target = get_column_letter(list(header).index(title) + 1)
        rule.add(f"{target}2:{target}{LONGEST + 1}")
        book.worksheets[0].add_data_validation(rule)


def _saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
