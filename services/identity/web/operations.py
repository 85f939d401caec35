"""What the console asks of identity: it owns no store in which a worker could note whose sessions have ended."""

from flask import Blueprint, Response, jsonify

from chassis.sessions import LONGEST
from chassis.web import current_context, requires_token
from chassis.web.tokens import OPERATIONS
from services.identity import queries

blueprint = Blueprint("sessions", __name__, url_prefix="/operations/identity")


@blueprint.get("/ended-sessions")
@requires_token(OPERATIONS)
def ended_sessions() -> Response:
    """{account's id: the time before which its sessions began that are over}"""
    context = current_context()
    with context.reading() as session:
        ended = queries.ended_sessions(session, context.clock.now() - LONGEST)
    return jsonify({id: before.isoformat() for id, before in ended.items()})
