"""make_app: a service's pages and API as one Flask app, with all that every page of the site shares."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from chassis import i18n
from chassis.web import language, static_files
from chassis.web.access_log import log_requests
from chassis.web.csrf import protect_forms
from chassis.web.errors import answer_errors
from chassis.web.headers import guard_answers
from chassis.web.operations import live, operations_blueprint
from chassis.web.resend import show_what_was_kept
from chassis.web.session import COOKIE, Person
from chassis.web.state import Entry, State, keep_state
from chassis.web.templating import prepare_templates

MAX_BODY = 1024 * 1024


def make_app(
    context: Any,
    blueprints: Iterable[Blueprint],
    catalogue: i18n.Catalogue,
    *,
    session_check: Callable[[Person, datetime], bool],
    navigation: Sequence[Entry] = (),
    token_check: Callable[[Mapping[str, Any]], bool] | None = None,
) -> Flask:
    """The WSGI app of one service.

    Pages are found in `templates/` of the catalogue's package. Addresses below /api/, /operations/ and /health/ are
    for programs: JSON errors, the language of Accept-Language, no CSRF token (they read no cookie).
    `session_check(person, signed_in_at)` says whether a session still counts that the cookie alone would allow,
    `token_check` (of its claims) whether an API token does that was signed by us.
    """
    app = Flask(catalogue.package, static_folder=None, template_folder=None)
    app.url_map.converters["int"] = _Number
    keep_state(app, State(context, catalogue, navigation, session_check, token_check))
    _configure(app, context.settings)
    prepare_templates(app, catalogue)
    app.before_request(language.note_switch)
    log_requests(app, context.name)
    guard_answers(app, https=app.config["SESSION_COOKIE_SECURE"])
    answer_errors(app)
    csrf = protect_forms(app)
    app.before_request(show_what_was_kept)
    for blueprint in (static_files.blueprint, operations_blueprint(context.name), *blueprints):
        if _is_for_programs(blueprint):
            csrf.exempt(blueprint)
        app.register_blueprint(blueprint)
    app.add_url_rule("/health/live", "live", live)
    if context.settings.proxies:
        _believe_proxies(app, context.settings.proxies)
    return app


class _Number(IntegerConverter):
    """A number in an address: one that no store can hold is none."""

    def __init__(self, map: Any) -> None:
        super().__init__(map, max=2**63 - 1)


def _is_for_programs(blueprint: Blueprint) -> bool:
    """A blueprint for programs says so by its address; it must never look at the cookie."""
    return (blueprint.url_prefix or "").startswith(("/api", "/operations"))


def _believe_proxies(app: Flask, count: int) -> None:
    """Takes the visitor's address from the proxies in front; anybody could write that header where there are none."""
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)  # type: ignore[method-assign]


def _configure(app: Flask, settings: Any) -> None:
    app.config.update(
        SECRET_KEY=settings.keys.session,
        SESSION_COOKIE_NAME=COOKIE,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https:"),
        SESSION_COOKIE_PATH="/",
        PERMANENT_SESSION_LIFETIME=timedelta(days=7),  # of the signature; session.py ends sessions long before
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
    )
