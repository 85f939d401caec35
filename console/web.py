"""The operators' console: how the services are, what failed, and the way of one referral."""

from typing import Any

from flask import Blueprint, Flask, Response, abort, flash, jsonify, make_response, render_template, request

from chassis.i18n import Catalogue
from chassis.i18n import mark as _
from chassis.web import make_app
from chassis.web.forms import see, submitted, typed
from chassis.web.language import t
from chassis.web.session import Person, current_person, requires
from chassis.web.state import current_context
from console import audit, views
from console.client import NotThere, OperationsClient, Refused, ServiceDown
from console.readiness import missing
from console.sessions import ended_in_identity
from console.trace import merge
from console.wiring import Console
from contracts.people import ADMINISTRATOR, OPERATOR
from contracts.site import NAVIGATION

pages = Blueprint("console", __name__)
health = Blueprint("health", __name__, url_prefix="/health")
#: seconds between two loadings of the overview, where the reader asked for it
REFRESH = 10


def create_app(console: Console) -> Flask:
    """The console's Flask application."""
    app = make_app(
        console,
        [pages, audit.pages, health],
        Catalogue("console"),
        session_check=ended_in_identity(console),
        navigation=NAVIGATION,
    )
    app.jinja_env.filters |= {"instant": views.instant, "moment": views.moment}
    app.jinja_env.globals |= views.GLOBALS
    return app


@health.get("/ready")
def ready() -> tuple[Response, int]:
    """200 when the whole way can be gone, otherwise 503 with what is missing."""
    parts = missing(_console().ask_all(OperationsClient.status))
    return jsonify(ready=not parts, missing=parts), 503 if parts else 200


@pages.get("/console/")
@requires(OPERATOR, ADMINISTRATOR)
def overview() -> Response:
    answers = _console().ask_all(OperationsClient.status)
    refreshing = "refresh" in request.args
    page = make_response(
        render_template(
            "console/overview.html",
            services=views.overview(answers),
            missing=missing(answers),
            refreshing=refreshing,
            every=REFRESH,
        )
    )
    if refreshing:
        page.headers["Refresh"] = str(REFRESH)  # asked for by the reader, who can stop it
    return page


@pages.get("/console/failures/")
@requires(OPERATOR, ADMINISTRATOR)
def failures() -> str:
    state = request.args.get("state") or None
    if state is not None and state not in views.STATES:
        abort(404)
    answers = _console().ask_all(lambda client: client.failures(state))
    return render_template(
        "console/failures.html",
        failures=views.failures(answers),
        unreachable=views.unreachable(answers),
        state=state,
    )


@pages.route("/console/failures/<service>/<int:id>", methods=["GET", "POST"])
@requires(OPERATOR, ADMINISTRATOR)
def failure(service: str, id: int) -> Any:
    """One failure; a POST retries or discards it, for a reason that is kept."""
    client = _client(service)
    form = typed() if request.method == "POST" else {}
    errors = _wrong(form) if submitted() else {}
    try:
        if submitted() and not errors:
            _act(client, id, form)
            return see(request.path)
        shown = views.failure(service, client.failure(id))
    except NotThere:
        abort(404)
    except ServiceDown:
        return render_template("console/down.html", service=service), 503
    page = render_template("console/failure.html", failure=shown, form=form, errors=errors, form_id="failure-form")
    return page, 422 if errors else 200


@pages.get("/console/trace/")
@requires(OPERATOR, ADMINISTRATOR)
def trace() -> str:
    reference = request.args.get("reference", "").strip().upper()
    answers = _console().ask_all(lambda client: client.trace(reference)) if reference else {}
    parts = [answer for answer in answers.values() if not isinstance(answer, ServiceDown)]
    return render_template(
        "console/trace.html",
        reference=reference,
        events=views.way(merge(parts)),
        unreachable=views.unreachable(answers),
    )


def _console() -> Console:
    console: Console = current_context()
    return console


def _client(service: str) -> OperationsClient:
    if service not in _console().clients:
        abort(404)
    return _console().clients[service]


def _wrong(form: dict[str, Any]) -> dict[str, list[str]]:
    errors = {}
    if form.get("action") not in views.CHOICES:
        errors["action"] = [t(_("Choose what is to be done."))]
    if not form.get("why"):
        errors["why"] = [t(_("Say why: it is kept with your name."))]
    return errors


def _act(client: OperationsClient, id: int, form: dict[str, Any]) -> None:
    try:
        client.act(id, form["action"], who=_who(), why=form["why"])
    except Refused:
        flash(t(_("This is not possible any more: the failure has changed meanwhile.")), "warning")
        return
    done = {"retry": _("The event is being tried again."), "discard": _("The event has been discarded.")}
    said = done[form["action"]]
    flash(t(said), "success")


def _who() -> str:
    person: Person | None = current_person()
    return f"{person.name} ({person.id})"[:200] if person else ""
