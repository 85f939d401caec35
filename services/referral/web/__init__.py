"""The web side of the referral service: pages for the CMS, and the API."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Flask, request

from chassis.i18n import Catalogue
from chassis.web import ended_in_store, error_page, make_app, problem
from contracts.site import NAVIGATION
from services.referral import api, queries
from services.referral.domain import ConsentNotGiven, CostsNotAsked, DraftNotFound, IllegalTransition, ReferralNotFound
from services.referral.queries import wording
from services.referral.web import (
    aftercare,
    case,
    developers,
    documents,
    drafts,
    imports,
    keeping,
    lists,
    rules,
    sending,
    tasks,
    tokens,
)
from services.referral.wiring import ReferralContext

CATALOGUE = Catalogue("services.referral")

_PAGES = [
    each.blueprint
    for each in (lists, drafts, sending, case, aftercare, documents, imports, rules, tokens, keeping, developers)
]
#: what cannot be done, and how it is answered
_ANSWERS = {
    ReferralNotFound: 404,
    DraftNotFound: 404,
    IllegalTransition: 409,
    CostsNotAsked: 409,
    ConsentNotGiven: 409,
}


def create_app(context: ReferralContext) -> Flask:
    """The service as a WSGI app."""
    app = make_app(
        context,
        [*_PAGES, *api.BLUEPRINTS],
        CATALOGUE,
        session_check=ended_in_store(context),
        token_check=partial(_token_runs, context),
        navigation=NAVIGATION,
    )
    app.request_class = imports.Request
    for error, status in _ANSWERS.items():
        app.register_error_handler(error, partial(_answer, status))
    app.jinja_env.globals |= {"words": wording, **tasks.GLOBALS}
    return app


def _token_runs(context: ReferralContext, claims: Mapping[str, Any]) -> bool:
    with context.reading() as session:
        return queries.token_runs(session, claims)


def _answer(status: int, _error: Exception) -> Any:
    return problem(status) if request.path.startswith("/api/") else error_page(status)
