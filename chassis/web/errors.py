"""When it cannot be done: pages for people, problem documents (RFC 9457) for programs, in their language."""

import json
import traceback
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import structlog
from flask import Flask, Response, g, render_template
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from chassis.i18n import mark as _
from chassis.store import is_transient, is_unreachable
from chassis.web.language import is_for_programs, t

log = structlog.get_logger(__name__)

#: status -> title and what to do, as told to people
EXPLAINED: dict[int, tuple[str, str]] = {
    400: (_("This could not be understood"), _("Go back, load the page again and try once more.")),
    401: (_("You are not signed in"), _("Sign in and try again.")),
    403: (_("You have no access to this page"), _("Your role does not include what is shown here.")),
    404: (_("This page does not exist"), _("Check the address, or begin again on the start page.")),
    405: (_("This is not possible here"), _("Go back and use the buttons of the page.")),
    409: (
        _("Somebody else has changed this in the meantime"),
        _("Go back, load the page again to see the present state, and repeat what you wanted to do."),
    ),
    413: (_("Too much was sent at once"), _("At most 1 MB can be sent. Nothing was stored.")),
    415: (_("This form of content is not understood"), _("Send JSON (application/json).")),
    422: (_("Something in what was sent is not right"), _("Each field that needs mending is named.")),
    429: (_("Too many attempts"), _("Wait a moment before you try again.")),
    500: (_("Something went wrong on our side"), _("It has been noted. Try again in a few minutes.")),
    503: (_("This is out of service at the moment"), _("Try again in a few minutes.")),
}


def problem(
    status: int,
    message: str | None = None,
    fields: Mapping[str, Sequence[str]] | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    parameters: Mapping[str, Sequence[str]] | None = None,
    type: str = "about:blank",
) -> Response:
    """A problem document: `{"type", "title", "status", "detail", "errors": [{"pointer" | "parameter", "detail"}]}`.

    Messages, those of the body's `fields` and of the address's `parameters` included, are in the reader's language
    already. `errors` is there only with one of the two. `type` is the address that says more about this problem.
    """
    title, advice = explained(status)
    body: dict[str, Any] = {"type": type, "title": t(title), "status": status, "detail": message or t(advice)}
    wrong = [{"pointer": _pointer(name), "detail": said} for name, said in _one_by_one(fields)]
    wrong += [{"parameter": name, "detail": said} for name, said in _one_by_one(parameters)]
    if wrong:
        body["errors"] = wrong
    text = json.dumps(body, ensure_ascii=False) + "\n"
    answer = Response(text, status, content_type="application/problem+json; charset=utf-8")
    answer.headers.update(headers or {})
    return answer


def _one_by_one(messages: Mapping[str, Sequence[str]] | None) -> Iterator[tuple[str, str]]:
    return ((name, said) for name, all_said in (messages or {}).items() for said in all_said)


def _pointer(name: str) -> str:
    """Where in the body, as a JSON pointer (RFC 6901): `outer.inner` is `#/outer/inner`, `_schema` the whole."""
    if name == "_schema":
        return "#"
    return "".join(["#", *(f"/{quote(part.replace('~', '~0').replace('/', '~1'))}" for part in name.split("."))])


def explained(status: int) -> tuple[str, str]:
    return EXPLAINED.get(status) or EXPLAINED[400 if status < 500 else 500]


def error_page(status: int, message: str | None = None) -> tuple[str, int]:
    """A whole page that says what is wrong and what to do."""
    title, advice = explained(status)
    page = render_template(
        "error.html", status=status, page_title=t(title), message=message or t(advice), request_id=g.get("request_id")
    )
    return page, status


def answer_errors(app: Flask) -> None:
    """Every error of `app` becomes a page or a problem document."""
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(StaleDataError, lambda error: _answer(409))
    app.register_error_handler(Exception, _answer_unforeseen)


def _answer_http(error: HTTPException) -> Any:
    if error.response is not None or (error.code is not None and error.code < 400):
        return error
    return _answer(error.code or 500)


def _answer_unforeseen(error: Exception) -> Any:
    if _will_pass(error):
        log.warning("store unreachable", request=g.get("request_id"), error=type(error).__qualname__)
        return _answer(503)
    # where it happened, but neither its message nor any variable: they may hold what somebody typed
    where = [f"{step.filename}:{step.lineno} {step.name}" for step in traceback.extract_tb(error.__traceback__)]
    log.error("request failed", request=g.get("request_id"), error=type(error).__qualname__, where=where[-8:])
    return _answer(500)


def _will_pass(error: Exception) -> bool:
    """Whether the store is away, or somebody holds for long what was wanted: the same again may well succeed."""
    return is_unreachable(error) or (isinstance(error, OperationalError) and is_transient(error))


def _answer(status: int) -> Any:
    return problem(status) if is_for_programs() else error_page(status)
