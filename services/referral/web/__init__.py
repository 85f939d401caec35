"""The web side of the referral service: pages for the CMS, and the API."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Flask, request

from chassis.i18n import Catalogue
from chassis.web import ended_in_store, error_page, make_app, problem
from contracts.site import NAVIGATION
from services.referral import api, queries
from services.referral.domain import IllegalTransition, ReferralNotFound
from services.referral.queries import wording
from services.referral.web import developers, imports, keeping, pages, rules
from services.referral.wiring import ReferralContext

CATALOGUE = Catalogue("services.referral")


def create_app(context: ReferralContext) -> Flask:
    """The service as a WSGI app."""
    app = make_app(
        context,
        [
            pages.blueprint,
            imports.blueprint,
            rules.blueprint,
            keeping.blueprint,
            developers.blueprint,
            *api.BLUEPRINTS,
        ],
        CATALOGUE,
        session_check=ended_in_store(context),
        token_check=partial(_token_runs, context),
        navigation=NAVIGATION,
    )
    app.register_error_handler(ReferralNotFound, lambda _error: _answer(404))
    app.register_error_handler(IllegalTransition, lambda _error: _answer(409))
    app.jinja_env.globals["words"] = wording
    return app


def _token_runs(context: ReferralContext, claims: Mapping[str, Any]) -> bool:
    with context.reading() as session:
        return queries.token_runs(session, claims)


def _answer(status: int) -> Any:
    return problem(status) if request.path.startswith("/api/") else error_page(status)
