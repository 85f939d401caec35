"""Importing files: upload, look at what would be referred, confirm, follow, take away what is to be corrected."""

from functools import partial
from typing import Any

import flask
from flask import Blueprint, Response, abort, flash, make_response, render_template, request, url_for
from marshmallow import ValidationError

from chassis.i18n import LANGUAGES, Catalogue
from chassis.i18n import mark as _
from chassis.web import (
    audited,
    current_context,
    error_page,
    errors_for_people,
    number_asked,
    requires,
    see,
    shows,
    signed_in_person,
    t,
)
from chassis.web.parts import summary_line
from contracts.people import CMS
from services.referral.domain import local_day
from services.referral.domain.imports import (
    BEFORE,
    LARGEST,
    LONGEST,
    OPEN,
    TWICE,
    FileState,
    FileThereAlready,
    ImportFile,
    ImportNotFound,
    ImportNotPossible,
    ImportRow,
    RowState,
)
from services.referral.forms.files import CSV, XLSX, FileRefused, read_file
from services.referral.handlers import importing
from services.referral.queries import imports, sheets
from services.referral.web import columns

blueprint = Blueprint("imports", __name__, url_prefix="/referrals/imports")


class Request(flask.Request):
    """A file may be larger than whatever else is sent."""

    @property  # type: ignore[misc]  # nobody sets it here
    def max_content_length(self) -> int | None:  # type: ignore[override]  # likewise
        return LARGEST * 1024 * 1024 if self.endpoint == "imports.upload" else super().max_content_length


_EVERY_S = 2  #: seconds between two looks of the page at a running import
_TYPES = {CSV: "text/csv; charset=utf-8", XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}

#: states of rows, as the page calls them
ROWS = {
    RowState.VALID: (_("Ready to be referred"), "blue"),
    RowState.INVALID: (_("To be corrected"), "red"),
    RowState.DUPLICATE: (_("There already"), "yellow"),
    RowState.IMPORTED: (_("Referred"), "green"),
}
FILES = {
    FileState.PREVIEWED: (_("To be confirmed"), "yellow"),
    FileState.RUNNING: (_("Being imported"), "blue"),
    FileState.FINISHED: (_("Imported"), "green"),
    FileState.DISCARDED: (_("Discarded"), "grey"),
}
DUPLICATES = {
    TWICE: _("The same person is in another row of this file."),
    BEFORE: _("The same row was imported before."),
    OPEN: _("This person has an open referral already."),
}


@blueprint.errorhandler(ImportNotFound)
def _not_found(_error: ImportNotFound) -> Any:
    return error_page(404)


@blueprint.errorhandler(413)
def _too_large(_error: Any) -> Any:
    return _upload_page(t(_("A file may have at most %(n)s MB. Split it into several."), n=LARGEST)), 413


@blueprint.errorhandler(ImportNotPossible)
def _not_possible(_error: ImportNotPossible) -> Any:
    return error_page(409)


@blueprint.route("/", methods=["GET", "POST"])
@audited("import", "create")
@requires(CMS)
def upload() -> Any:
    if request.method == "GET":
        return _upload_page()
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _upload_page(t(_("Choose a file."))), 422
    try:
        file = _receive(sent.filename[-200:], sent.read())
    except FileRefused as refused:
        return _upload_page(_why(refused)), 422
    except FileThereAlready as there:
        flash(t(_("You have sent this file before. Nothing was added.")), "warning")
        return see(url_for(".show", id=there.id))
    return see(url_for(".show", id=file.id))


@blueprint.get("/<uuid:id>")
@audited("import")
@requires(CMS)
def show(id: Any) -> Any:
    chosen = request.args.get("rows", "")
    with current_context().reading() as session:
        view = imports.file_of(session, str(id), signed_in_person().id)
        state = RowState(chosen) if chosen in set(RowState) else _first_state(view)
        rows, next_after = imports.rows_of(session, str(id), state, number_asked("after", 0, LONGEST))
    shows(str(id))
    running = view.file.state is FileState.RUNNING
    refreshing = running and "still" not in request.args
    page = make_response(
        render_template(
            "referral/import.html",
            view=view,
            file=view.file,
            state=state,
            lines=[_line(row) for row in rows],
            next_after=next_after,
            tabs=[(each, t(name), view.count(each)) for each, (name, _colour) in ROWS.items() if view.count(each)],
            file_state=FILES[view.file.state],
            running=running,
            refreshing=refreshing,
        )
    )
    if refreshing:
        page.headers["Refresh"] = str(_EVERY_S)
    return page


@blueprint.post("/<uuid:id>/confirm")
@audited("import", "confirm")
@requires(CMS)
def confirm(id: Any) -> Any:
    shows(str(id))
    with current_context().unit() as unit:
        importing.confirm_import(unit, str(id), signed_in_person().id)
    return see(url_for(".show", id=id))


@blueprint.post("/<uuid:id>/discard")
@audited("import", "discard")
@requires(CMS)
def discard(id: Any) -> Any:
    shows(str(id))
    with current_context().unit() as unit:
        importing.discard_import(unit, str(id), signed_in_person().id)
    flash(t(_("The file was discarded. Nobody was referred.")), "success")
    return see(url_for(".upload"))


@blueprint.get("/<uuid:id>/corrections")
@audited("import")
@requires(CMS)
def corrections(id: Any) -> Any:
    """The rows that were not right, written as the file was, with a column that says what is wrong."""
    with current_context().reading() as session:
        file = imports.file_of(session, str(id), signed_in_person().id).file
        rows = imports.rows_to_correct(session, str(id))
    shows(str(id))
    header = [title for title in file.layout["header"] if title not in _reason_titles()]
    written = [[*_padded(row, file, len(header)), " ".join(_reasons(row))] for row in rows]
    kind = file.layout["kind"]
    return _download(sheets.write(file.layout, [*header, t(columns.REASONS)], written), kind, t(_("to-correct")))


@blueprint.get("/template-<language>.<kind>")
@requires(CMS)
def template(language: str, kind: str) -> Any:
    """An empty file in a language: a workbook offers the answers, a CSV file has the header only."""
    if language not in LANGUAGES or kind not in _TYPES:
        abort(404)
    say = partial(Catalogue(columns.PACKAGE).gettext, language)
    titles, choices = columns.titles(say), columns.choices(say)
    offered = {titles[name]: texts for name, texts in choices.items()}
    made = sheets.write_template(kind, list(titles.values()), offered, say(_("Answers")))
    return _download(made, kind, say(_("file of referrals")))


def _receive(name: str, content: bytes) -> ImportFile:
    """Raises FileRefused, FileThereAlready."""
    context, person = current_context(), signed_in_person()
    given = {"referrer_name": person.name} | ({"cms_area": person.areas[0]} if len(person.areas) == 1 else {})
    sheet = read_file(content, columns.readable(), given)
    rows = importing.look_at(context.hasher, local_day(context.clock.now()), person.areas, given, sheet.lines)
    layout = {**sheet.layout, "unknown": list(sheet.unknown)}
    with context.unit() as unit:
        file = importing.receive_file(unit, name, context.hasher.of(content.hex()), layout, rows, person.id)
        shows(file.id)
    return file


def _upload_page(error: str | None = None) -> str:
    with current_context().reading() as session:
        files = imports.recent_files(session, signed_in_person().id)
    return render_template(
        "referral/imports.html",
        files=files,
        states=FILES,
        longest=LONGEST,
        largest=LARGEST,
        errors={"file": [error]} if error else {},
    )


def _why(refused: FileRefused) -> str:
    labels = columns.titles(t)
    return t(refused.message, n=refused.n, columns=", ".join(labels[name] for name in refused.columns))


def _first_state(view: imports.FileView) -> RowState:
    """What needs eyes first."""
    if view.file.state is FileState.FINISHED:
        order = (RowState.INVALID, RowState.DUPLICATE, RowState.IMPORTED)
    else:
        order = (RowState.INVALID, RowState.DUPLICATE, RowState.VALID)
    return next((state for state in order if view.count(state)), RowState.IMPORTED)


def _line(row: ImportRow) -> dict[str, Any]:
    answers = row.answers
    name = " ".join(str(answers.get(part, "")) for part in ("given_name", "family_name")).strip()
    return {"number": row.number + 1, "name": name, "reasons": _reasons(row), "reference": row.reference}


def _reasons(row: ImportRow) -> list[str]:
    if row.reason:
        return [t(DUPLICATES[row.reason])]
    labels = columns.titles(t)
    told = errors_for_people(ValidationError(dict(row.errors)), labels)
    return [summary_line(labels.get(name, name), said) for name, sentences in told.items() for said in sentences]


def _reason_titles() -> set[str]:
    return {Catalogue(columns.PACKAGE).gettext(language, columns.REASONS) for language in LANGUAGES}


def _padded(row: ImportRow, file: ImportFile, length: int) -> list[str]:
    """The cells of a row below the header they had, without what an earlier file said was wrong."""
    dropped = {at for at, title in enumerate(file.layout["header"]) if title in _reason_titles()}
    cells = [cell for at, cell in enumerate(row.cells) if at not in dropped]
    return (cells + [""] * length)[:length]


def _download(content: bytes, kind: str, name: str) -> Response:
    answer = Response(content, content_type=_TYPES[kind])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer
