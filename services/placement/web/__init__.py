"""The pages of placement: groups and their places, who has them, who waits, and figures."""

from typing import Any

from flask import Flask

from chassis.i18n import Catalogue
from chassis.i18n import mark as _
from chassis.web import ended_in_store, error_page, make_app, t
from contracts.site import NAVIGATION
from services.placement.domain import GroupNotFound, IllegalTransition, ParticipationNotFound
from services.placement.web import groups, lists, people, words
from services.placement.wiring import PlacementContext

CATALOGUE = Catalogue("services.placement")


def create_app(context: PlacementContext) -> Flask:
    """The service's pages as one application."""
    blueprints = (groups.blueprint, people.blueprint, lists.blueprint)
    app = make_app(context, blueprints, CATALOGUE, session_check=ended_in_store(context), navigation=NAVIGATION)
    for missing in (GroupNotFound, ParticipationNotFound):
        app.register_error_handler(missing, lambda error: error_page(404))
    app.register_error_handler(IllegalTransition, _not_any_more)
    app.jinja_env.globals.update(words=words, word=words.word, state_tag=words.state_tag)
    return app


def _not_any_more(error: Any) -> tuple[str, int]:
    status, _colour = words.state_tag(error.state)
    return error_page(409, t(_("This is not possible any more. The present status is: %(status)s."), status=status))
