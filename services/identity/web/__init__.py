"""Pages of the identity service: signing in, one's own account, everybody's accounts; and the way in, `/`."""

from datetime import datetime

from flask import Flask, url_for

from chassis.sessions import is_ended
from chassis.web import Person, make_app, see
from contracts.site import NAVIGATION
from services.identity.domain import AccountNotFound, SignInRefused
from services.identity.handlers.texts import CATALOGUE
from services.identity.store import Unit
from services.identity.web import account, entrance, operations, people, provider, second_factor
from services.identity.wiring import IdentityContext

translations = CATALOGUE


def create_app(context: IdentityContext) -> Flask:
    """The service's pages as one application."""

    def still_allowed(person: Person, began: datetime) -> bool:
        with context.reading() as session:
            try:
                account = Unit(context, session).accounts.get(person.id)
            except AccountNotFound:
                return False
            return account.allows_session_since(began) and not is_ended(session, person.session_id)

    blueprints = (
        entrance.blueprint,
        account.blueprint,
        people.blueprint,
        second_factor.blueprint,
        provider.blueprint,
        operations.blueprint,
    )
    app = make_app(context, blueprints, translations, session_check=still_allowed, navigation=NAVIGATION)
    people.answer_refusals(app)
    # disabled by somebody between two steps of signing in
    app.register_error_handler(SignInRefused, lambda _error: see(url_for("entrance.sign_in_page")))
    provider.register(app, context.provider)
    return app
