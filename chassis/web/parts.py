"""What templates/macros.html computes in Python: from plain values to the parameters of govuk-frontend's macros."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup, escape

from chassis.i18n import mark as _
from chassis.web.language import current_language, t

_SHORT = 18  #: characters of the longest text that a table never breaks
_NUMBER = re.compile(r"\b[A-Z]+(?:-[0-9A-Z]+)+\b")
_SIGN = re.compile(r"(?<=[\w}])[@._/](?=[A-Za-z{])")


def as_text(text: str | None) -> dict[str, str] | None:
    return {"text": text} if text else None


def as_lines(text: Any) -> Markup:
    """Text of several lines, its line ends written so that no template that indents can change what was typed."""
    return escape(text if text is not None else "").replace("\r\n", "\n").replace("\n", Markup("&#10;"))


def as_error(error: str | Iterable[str] | None) -> dict[str, str] | None:
    """One sentence or several; read out after the word for error in the reader's language."""
    sentences = [error] if isinstance(error, str) else list(error or ())
    if not sentences:
        return None
    return {"text": " ".join(sentences), "visuallyHiddenText": t(_("Error"))}


def summary_line(label: str | None, sentence: str) -> str:
    """A line of the error summary: what is wrong, after the field's name on the page unless the sentence says it."""
    if not label or re.search(rf"\b{re.escape(label)}\w?\b", sentence, re.IGNORECASE):  # Name, den Namen
        return sentence
    asks = label.endswith("?")  # a question needs no colon after it
    return f"{label} {sentence}" if asks else t(_("%(label)s: %(message)s"), label=label, message=sentence)


def as_label(label: str, optional: bool = False, size: str | None = None, *, part: str = "label") -> dict[str, str]:
    """A label or legend; what is optional says so, what is required needs no star."""
    text = t(_("%(label)s (optional)"), label=label) if optional else label
    return {"text": text, "classes": f"govuk-{part}--{size}" if size else ""}


def locale() -> str:
    """How scripts are to write numbers: as Switzerland does."""
    return f"{current_language()}-CH"


def choice_items(
    choices: Iterable[Mapping[str, Any] | tuple[str, str]], chosen: Any, flag: str = "checked"
) -> list[dict[str, Any]]:
    """Items for radios, checkboxes (`flag` checked) or a select (`selected`).

    A choice is `(value, text)` or `{"value", "text", "hint", "conditional", "divider"}`, hint as text, conditional
    as markup. `chosen` is one value or several, compared as text.
    """
    several = chosen if isinstance(chosen, (list, tuple, set, frozenset)) else [chosen]
    wanted = {str(value) for value in several if value is not None}
    return [_item(choice, wanted, flag) for choice in choices]


def _item(choice: Mapping[str, Any] | tuple[str, str], wanted: set[str], flag: str) -> dict[str, Any]:
    told = dict(choice) if isinstance(choice, Mapping) else {"value": choice[0], "text": choice[1]}
    if "divider" in told:
        return told
    item = {**told, "value": str(told["value"]), flag: str(told["value"]) in wanted}
    if told.get("hint"):
        item["hint"] = {"text": told["hint"]}
    if told.get("conditional"):
        item["conditional"] = {"html": told["conditional"]}
    return item


def date_items(name: str, value: Any, has_error: bool, birthday: bool) -> list[dict[str, Any]]:
    """Three fields `<name>-day`, `-month`, `-year`. `value`: a date, (day, month, year) as typed, or None.

    The first has the id `<name>`, so that the error summary's link leads to it.
    """
    parts = _parts_of(value)
    labels = {"day": t(_("Day")), "month": t(_("Month")), "year": t(_("Year"))}
    error = " govuk-input--error" if has_error else ""
    return [
        {
            "id": name if part == "day" else f"{name}-{part}",
            "name": part,
            "label": label,
            "value": parts[part],
            "classes": f"govuk-input--width-{4 if part == 'year' else 2}{error}",
            "autocomplete": f"bday-{part}" if birthday else None,
        }
        for part, label in labels.items()
    ]


def _parts_of(value: Any) -> dict[str, str]:
    names = ("day", "month", "year")
    if value is None or value == "":
        return dict.fromkeys(names, "")
    if isinstance(value, (tuple, list)):
        return {name: str(part or "") for name, part in zip(names, value, strict=True)}
    return {name: str(getattr(value, name)) for name in names}


def summary_rows(rows: Iterable[Mapping[str, Any] | tuple[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a summary list: `(key, value)` or `{"key", "value", "actions": [{"href", "text", "about"}]}`.

    A value made by a macro stays markup, a list gets bullets, any other text is escaped; an empty one is a dash.
    """
    return [_row(dict(row) if isinstance(row, Mapping) else {"key": row[0], "value": row[1]}) for row in rows]


def _row(row: dict[str, Any]) -> dict[str, Any]:
    actions = [
        {"href": each["href"], "text": each["text"], "visuallyHiddenText": each.get("about", row["key"])}
        for each in row.get("actions", ())
    ]
    return {"key": {"text": row["key"]}, "value": _cell(row["value"]), "actions": {"items": actions}}


def task_items(tasks: Iterable[Any], path: str) -> list[dict[str, Any]]:
    """Items of a task list; a task without `colour` tells its status as plain text, any other by a tag."""
    return [
        {
            "title": {"text": task.name},
            "hint": {"text": task.hint},
            "href": f"{path}{task.section}",
            "status": {"tag": {"text": task.status, "classes": f"govuk-tag--{task.colour}"}}
            if task.colour
            else {"text": task.status},
        }
        for task in tasks
    ]


def table_rows(rows: Iterable[Iterable[Any]], numeric: Iterable[int] = ()) -> list[list[dict[str, Any]]]:
    """Rows of a table from plain values or markup; the columns in `numeric` (from 0) are set to the right."""
    right = set(numeric)
    return [[_table_cell(value, i in right) for i, value in enumerate(row)] for row in rows]


def _table_cell(value: Any, is_numeric: bool) -> dict[str, Any]:
    text = _shown(value)
    plain = text.striptags() if isinstance(text, Markup) else text
    wanted = {"govuk-table__cell--numeric": is_numeric, "ancrage-nowrap": _holds_together(plain)}
    return {"text": text, "classes": " ".join(name for name, holds in wanted.items() if holds)}


def _holds_together(text: str) -> bool:
    """A word, a date or a number: a line end in the middle of it would only hinder reading."""
    return len(text) <= _SHORT and (" " not in text or any(sign.isdigit() for sign in text))


def table_head(head: Iterable[str], numeric: Iterable[int] = ()) -> list[dict[str, Any]]:
    right = set(numeric)
    return [
        {"text": text, "classes": "govuk-table__header--numeric" if i in right else ""} for i, text in enumerate(head)
    ]


def _cell(value: Any) -> dict[str, Any]:
    text = _shown(value)
    return {"html" if isinstance(text, Markup) else "text": text}


def _shown(value: Any) -> Markup | str:
    """Markup as it is, several things as a list, anything else as text; a dash for nothing."""
    if value in (None, []) or not str(value).strip():
        return "–"
    if isinstance(value, list):
        return _listed(value)
    return Markup(value) if hasattr(value, "__html__") else wrapping(value)  # noqa: S704  # markup already


def _listed(values: list[str]) -> Markup:
    """With bullets, unless there is only one."""
    if len(values) == 1:
        return wrapping(values[0])
    items = Markup().join(Markup("<li>{}</li>").format(wrapping(value)) for value in values)
    return Markup('<ul class="govuk-list govuk-list--bullet govuk-!-margin-bottom-0">{}</ul>').format(items)


def wrapping(text: Any) -> Markup:
    """Text whose lines end well: never inside a number such as ISA-2026-000123 or P-4YBVWKYB6L, and in an e-mail
    address, the name of an event or a code after one of its signs rather than anywhere."""
    held = _NUMBER.sub(r'<span class="ancrage-nowrap">\g<0></span>', str(escape(text)))
    return Markup(_SIGN.sub(r"\g<0><wbr>", held))  # noqa: S704  # escaped above


FILTERS = {"wrapping": wrapping}
GLOBALS = {
    "as_text": as_text,
    "as_error": as_error,
    "as_lines": as_lines,
    "as_label": as_label,
    "locale": locale,
    "summary_line": summary_line,
    "choice_items": choice_items,
    "date_items": date_items,
    "summary_rows": summary_rows,
    "table_rows": table_rows,
    "task_items": task_items,
    "table_head": table_head,
}
