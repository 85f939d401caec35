"""What every service's pages and API stand on: one session, one look, two languages, errors people understand."""

from chassis.web.app import make_app
from chassis.web.audited import audited, detailed, shows
from chassis.web.ended import SessionsThatCount, ended_in_store
from chassis.web.errors import error_page, problem
from chassis.web.forms import filled, inside, number_asked, page_asked, see, submitted, typed
from chassis.web.language import current_language, switching_language, t, tn
from chassis.web.messages import errors_for_people
from chassis.web.session import Person, current_person, requires, sign_in, sign_out, signed_in_person
from chassis.web.state import current_context
from chassis.web.tokens import current_token, requires_token

__all__ = [
    "Person",
    "SessionsThatCount",
    "audited",
    "current_context",
    "current_language",
    "current_person",
    "current_token",
    "detailed",
    "ended_in_store",
    "error_page",
    "errors_for_people",
    "filled",
    "inside",
    "make_app",
    "number_asked",
    "page_asked",
    "problem",
    "requires",
    "requires_token",
    "see",
    "shows",
    "sign_in",
    "sign_out",
    "signed_in_person",
    "submitted",
    "switching_language",
    "t",
    "tn",
    "typed",
]
