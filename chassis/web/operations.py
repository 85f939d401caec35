"""What the console asks of a service: state, failures and traces as JSON, and whether it lives."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, abort, jsonify, request

from chassis import audit, operations
from chassis.clock import read_instant
from chassis.i18n import mark as _
from chassis.store import WHO, can_be_held
from chassis.web.errors import problem
from chassis.web.language import t
from chassis.web.state import current_context
from chassis.web.tokens import OPERATIONS, current_token, requires_token


def operations_blueprint(service: str) -> Blueprint:
    """Addresses below /operations/<service>/; all but `health` want an operations token."""
    blueprint = Blueprint("operations", __name__, url_prefix=f"/operations/{service}")
    guarded = requires_token(OPERATIONS)
    blueprint.add_url_rule("/health", "health", health)
    blueprint.add_url_rule("/status", "status", guarded(status))
    blueprint.add_url_rule("/failures", "failures", guarded(list_failures))
    blueprint.add_url_rule("/failures/<int:id>", "failure", guarded(show_failure))
    blueprint.add_url_rule("/failures/<int:id>/<action>", "act", guarded(act), methods=["POST"])
    blueprint.add_url_rule("/trace", "trace", guarded(trace))
    blueprint.add_url_rule("/audit", "audit", guarded(read_audit))
    return blueprint


def health() -> tuple[Response, int]:
    """200 when the store answers, otherwise 503."""
    context = current_context()
    try:
        with context.reading() as session:
            session.execute(sa.text("SELECT 1"))
    except sa.exc.SQLAlchemyError:
        return jsonify(service=context.name, store="unreachable"), 503
    return jsonify(service=context.name, store="ok"), 200


def live() -> Response:
    """This process answers; nothing else is looked at."""
    return jsonify(status="live")


def status() -> Response:
    return jsonify(operations.status(current_context()))


def list_failures() -> Response:
    return jsonify(operations.failures(current_context(), **_filters()))


def show_failure(id: int) -> Response:
    return jsonify(_found(operations.failure(current_context(), id)))


def act(id: int, action: str) -> Response:
    """POST {"who", "why"[, "body"]}: retry, discard or edit; answers what became of the failure."""
    if action not in ("retry", "discard", "edit"):
        abort(404)
    told = _body("body") if action == "edit" else _body()
    if isinstance(told, Response):
        return told
    try:
        return jsonify(_act(action, id, told))
    except LookupError:
        abort(404)
    except operations.NotPossible as error:
        return problem(409, str(error))


def _act(action: str, id: int, told: dict[str, str]) -> dict[str, Any]:
    context, by = current_context(), {"who": told["who"], "why": told["why"]}
    if action == "edit":
        return operations.edit(context, id, told["body"].encode(), **by)
    return {"retry": operations.retry, "discard": operations.discard}[action](context, id, **by)


def trace() -> Response:
    return jsonify(operations.trace(current_context(), request.args.get("reference", "")))


def read_audit() -> Response:
    """As `chassis.audit.read_for_keepers`: `after` is `time,service,id`, `areas` joined by commas, 500 rows at most."""
    try:
        asked = audit.Asked(**{name: read(request.args[name]) for name, read in _ASKED.items() if name in request.args})
        limit = min(max(1, int(request.args.get("limit", 50))), 500)
    except ValueError:
        abort(400)
    return jsonify(audit.read_for_keepers(current_context(), asked, limit))


def _place(text: str) -> tuple[datetime, str, int]:
    at, service, id = text.split(",")
    return read_instant(at), service, int(id)


_ASKED: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(("reference", "account", "action", "outcome"), str),
    **dict.fromkeys(("since", "until"), read_instant),
    "areas": lambda text: text.split(","),
    "after": _place,
}


def _filters() -> dict[str, Any]:
    return {name: request.args[name] for name in ("state", "group") if name in request.args}


def _found(failure: Any) -> Any:
    if failure is None:
        abort(404)
    return failure


def _can_be_held(told: dict[str, Any]) -> bool:
    texts = [each for each in told.values() if isinstance(each, str)]
    return len(str(told.get("who", ""))) <= WHO and all(map(can_be_held, texts))


def _body(*more: str) -> Any:
    try:
        told = request.get_json()
    except RecursionError:  # nested deeper than anything that is asked for here
        abort(400)
    if not isinstance(told, dict) or not _can_be_held(told):
        abort(400)
    told.setdefault("who", current_token().get("sub", ""))
    missing = [name for name in ("who", "why", *more) if not isinstance(told.get(name), str) or not told[name]]
    if missing:
        return problem(422, fields={name: [t(_("Fill in this field."))] for name in missing})
    return told
