"""Views that show or change something of somebody: whoever asks for them is noted in the audit."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import current_app, g, request

from chassis import audit
from chassis.store import is_unreachable
from chassis.web.session import current_person
from chassis.web.state import current_context, now

SEE, LIST, CHANGE = "see", "list", "change"
_REFERENCE = "reference"  #: the part of an address that says what a view is about


def audited(kind: str, changes: str = CHANGE, *, lists: bool = False) -> Callable[[Callable[..., Any]], Any]:
    """Has the view noted: `see` (or `list`) where it only showed something, `changes` where it committed a change.

    Stands above `requires` or `requires_token`, so that refusals are noted as well. What the view is about is the
    reference in its address, else the subject of the events of its commit, else what it says by `shows`; a list
    always says it. A change is noted in its own commit, anything else in one of its own before it is shown.
    """

    def wrap(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def noted(*args: Any, **kwargs: Any) -> Any:
            g.deed = deed = _deed(kind, changes, lists, kwargs)
            with audit.doing(deed):
                try:
                    answer = view(*args, **kwargs)
                except Exception as error:
                    if not is_unreachable(error):
                        _note(deed, audit.REFUSED)
                    raise
            return _note_answer(deed, answer)

        noted.audited = (kind, changes)  # type: ignore[attr-defined]  # read by the test that walks all addresses
        return noted

    return wrap


def shows(*references: str) -> None:
    """Says what the answer shows: for lists, and where the address does not say it."""
    deed: audit.Deed = g.deed
    deed.references = list(references)
    g.shown = True


def detailed(code: str) -> None:
    """Notes a code with what is done, such as its reason."""
    g.deed.detail = code


def _deed(kind: str, changes: str, lists: bool, arguments: dict[str, Any]) -> audit.Deed:
    g.pop("shown", None)
    named = [str(arguments[_REFERENCE])] if _REFERENCE in arguments else []
    request_id = g.get("request_id")
    return audit.Deed(kind=kind, action=changes, who=_who, request=request_id, references=named, listing=lists)


def _note_answer(deed: audit.Deed, answer: Any) -> Any:
    response = current_app.make_response(answer)
    if deed.listing and response.status_code == 200 and "shown" not in g:
        raise RuntimeError(f"{request.endpoint} lists people and does not say whom: it has to call shows()")
    if response.status_code >= 400:
        _note(deed, audit.REFUSED)
    elif response.status_code < 300 and not deed.noted:
        _note(deed, audit.ALLOWED)
    return response


def _note(deed: audit.Deed, outcome: str) -> None:
    """In a commit of its own."""
    if not deed.references or deed.who() is None:
        return
    shown = LIST if deed.listing else SEE
    action = deed.action if request.method not in ("GET", "HEAD") and outcome == audit.REFUSED else shown
    context = current_context()
    with context.store.writing() as session:
        audit.note(context, session, deed, action, outcome, now())


def _who() -> audit.Actor | None:
    """By token or by session; None where nobody said who they are."""
    if claims := g.get("token"):
        areas = ",".join(claims.get("areas") or ())
        return audit.Actor(account=str(claims.get("sub", ""))[:100], role="token", organisation=areas[:50] or None)
    if request.path.startswith("/api/"):
        return None
    person = current_person()
    if person is None:
        return None
    return audit.Actor(account=person.id[:100], role=person.role, organisation=person.partner)
