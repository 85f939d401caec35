"""Pages of the identity service: signing in, one's own account, everybody's accounts; and the way in, `/`."""

from datetime import datetime

from flask import Flask

from chassis.web import Person, make_app
from contracts.site import NAVIGATION
from services.identity.domain import AccountNotFound
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
                return Unit(context, session).accounts.get(person.id).allows_session_since(began)
            except AccountNotFound:
                return False

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
    provider.register(app, context.provider)
    return app
