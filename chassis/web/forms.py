"""Between a form on a page and the view that reads it: what was typed, where to go next, in which tone."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import redirect, request
from werkzeug.wrappers import Response

from chassis.web.language import switching_language

#: nobody turns pages further than that, and no store counts as far as an address can
_LAST_PAGE = 100_000


def submitted() -> bool:
    """Whether a form was sent to be acted on: a POST, and not one that only asks for the page in another language."""
    return request.method == "POST" and not switching_language()


def typed(*, lists: Iterable[str] = ()) -> dict[str, Any]:
    """What was typed, by field name, stripped at both ends; `lists` names the fields with several answers.

    Line ends are as people type them (`\\n`). The CSRF token and the language button are left out.
    """
    many = set(lists)
    names = [name for name in request.form if name not in ("csrf_token", "switch_language")]
    values: dict[str, Any] = {name: _clean(request.form[name]) for name in names if name not in many}
    return values | {name: [_clean(value) for value in request.form.getlist(name)] for name in many}


def filled(values: dict[str, Any]) -> dict[str, Any]:
    """The values without the empty ones: an empty field of a form was left out, as an absent one of JSON."""
    return {name: value for name, value in values.items() if value not in ("", [], None)}


def number_asked(name: str, least: int, most: int) -> int:
    """A whole number that the address asks for, kept within bounds; `least` where it asks for none."""
    return min(max(least, request.args.get(name, least, type=int)), most)


def page_asked() -> int:
    """The page of a list that the address asks for."""
    return number_asked("page", 1, _LAST_PAGE)


def see(path: str) -> Response:
    """After a form: 303 to the page that shows what was done, so that reloading it sends nothing twice."""
    return redirect(path, 303)


def inside(path: str | None, otherwise: str) -> str:
    """`path` when it leads to a page of this site, `otherwise` if it leads anywhere else."""
    if not path or not path.startswith("/") or path.startswith("//") or any(ord(c) < 33 or c == "\\" for c in path):
        return otherwise
    parts = urlsplit(path)
    return otherwise if parts.scheme or parts.netloc else path


def inert(value: Any) -> str:
    """A cell of a file for spreadsheets that none of them takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _clean(value: str) -> str:
    return value.replace("\r\n", "\n").strip()
