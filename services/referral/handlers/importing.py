"""Files of referrals: looked at on arrival, referred row after row by the worker, forgotten after a time."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from marshmallow import ValidationError

from chassis import audit
from chassis.context import Context
from chassis.crypto import KeyedHash
from chassis.i18n import mark as _
from contracts.people import CMS
from services.referral.domain import PersonHasOpenReferral, SubmitReferral
from services.referral.domain.imports import (
    BEFORE,
    OPEN,
    TWICE,
    FileThereAlready,
    ImportFile,
    ImportRow,
    ReadRow,
    RowState,
    RowThereAlready,
)
from services.referral.forms import ReferralForm, completed_home
from services.referral.forms.files import Line
from services.referral.handlers.referring import submit_referral
from services.referral.store import Unit

NOT_YOUR_CMS = _("You can refer for your own CMS only.")
CHUNK = 100  #: rows referred in one go of the worker; other schedules wait no longer


def receive_file(
    unit: Unit, name: str, content_key: str, layout: Mapping[str, Any], rows: Sequence[ReadRow], by: str
) -> ImportFile:
    """Keeps a file that was read, and finds its duplicates. Raises FileThereAlready."""
    known = unit.imports.same(content_key, by)
    if known is not None:
        raise FileThereAlready(known.id)
    file = ImportFile(id=unit.new_id(), by=by, name=name, content_key=content_key, layout=layout, received_at=unit.now)
    unit.imports.add(file, _without_duplicates(unit, rows))
    return file


def confirm_import(unit: Unit, id: str, by: str) -> ImportFile:
    """Raises ImportNotFound, ImportNotPossible."""
    file = unit.imports.get(id, by)
    file.confirm(unit.now)
    return file


def discard_import(unit: Unit, id: str, by: str) -> None:
    """Raises ImportNotFound, ImportNotPossible."""
    file = unit.imports.get(id, by)
    file.discard()
    unit.imports.drop_rows(file.id)


def import_some(context: Context) -> bool:
    """Refers the next rows of the file whose turn it is, each in a commit of its own; whether there was a file.

    Whatever ends the process loses nothing and does nothing twice: a row is referred and marked in the same commit.
    """
    with context.unit() as unit:
        file = unit.imports.running()
        numbers = unit.imports.waiting_rows(file.id, CHUNK) if file else ()
        if file and not numbers:
            file.finish(unit.now)
    for number in numbers:
        _import_row(context, file, number)
    return file is not None


def forget_imports(unit: Unit) -> int:
    """Removes what was kept long enough; how many files."""
    return unit.imports.forget(unit.now)


def look_at(
    hasher: KeyedHash, today: date, areas: Collection[str], given: Mapping[str, str], lines: Iterable[Line]
) -> list[ReadRow]:
    """Each line read as the form would be; `areas` are those that the reader may refer for.

    `given` is what is known of the reader: it answers what a line leaves open.
    """
    form = ReferralForm(today)
    return [_look_at(hasher, form, areas, given, line) for line in lines]


def _look_at(
    hasher: KeyedHash, form: ReferralForm, areas: Collection[str], given: Mapping[str, str], line: Line
) -> ReadRow:
    answers, state, errors = completed_home({**given, **line.answers}), RowState.VALID, {}
    written = dict(line.answers)
    try:
        command: SubmitReferral = form.load(answers)
        answers["avs_number"] = written["avs_number"] = command.avs_number  # as it is compared
        errors = {} if command.application.cms_area in areas else {"cms_area": [NOT_YOUR_CMS]}
    except ValidationError as error:
        errors = error.normalized_messages()
    if errors:
        state = RowState.INVALID
    key = hasher.of("import " + json.dumps(written, sort_keys=True))
    return ReadRow(number=line.number, cells=line.cells, answers=answers, key=key, state=state, errors=errors)


def _import_row(context: Context, file: ImportFile, number: int) -> None:
    try:
        with audit.doing(_deed(file)), context.unit() as unit:
            _refer(unit, file, unit.imports.row(file.id, number))
    except PersonHasOpenReferral:
        _leave(context, file, number, OPEN)
    except RowThereAlready:
        _leave(context, file, number, BEFORE)


def _refer(unit: Unit, file: ImportFile, row: ImportRow) -> None:
    """Refers a row that still may be; raises PersonHasOpenReferral, RowThereAlready."""
    if row.state is not RowState.VALID:
        return
    try:
        command: SubmitReferral = ReferralForm(unit.today).load(row.answers)
    except ValidationError as error:  # what was right when it was looked at: a day has passed
        return row.be_invalid(error.normalized_messages())
    reference = submit_referral(unit, command, file.by).reference
    if not unit.imports.claim_key(row.key, reference, unit.now):
        raise RowThereAlready
    row.become_referral(reference)


def _leave(context: Context, file: ImportFile, number: int, reason: str) -> None:
    with context.unit() as unit:
        unit.imports.row(file.id, number).be_duplicate(reason)


def _without_duplicates(unit: Unit, rows: Sequence[ReadRow]) -> list[ReadRow]:
    """The rows, those among the valid ones marked that are there already."""
    valid = [row for row in rows if row.state is RowState.VALID]
    hashes = {row.number: unit.context.hasher.of(row.answers["avs_number"]) for row in valid}
    before = unit.imports.known_keys([row.key for row in valid])
    has_open = unit.imports.people_with_open_referral(set(hashes.values()))
    seen: set[str] = set()
    marked = []
    for row in rows:
        reason = _duplicate(row, hashes.get(row.number), before, has_open, seen)
        marked.append(replace(row, state=RowState.DUPLICATE, reason=reason) if reason else row)
        seen.add(hashes.get(row.number, ""))
    return marked


def _duplicate(row: ReadRow, person: str | None, before: set[str], has_open: set[str], seen: set[str]) -> str | None:
    """Why a valid row is one; None where it is not."""
    if person is None:
        return None
    if row.key in before:
        return BEFORE
    if person in seen:
        return TWICE
    return OPEN if person in has_open else None


def _deed(file: ImportFile) -> audit.Deed:
    """Each referral of a file is noted as sent by whoever confirmed the file."""
    actor = audit.Actor(account=file.by, role=CMS)
    return audit.Deed(kind="referral", action="create", who=lambda: actor, detail="import")
