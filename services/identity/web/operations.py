"""What the console asks of identity: whose sessions have ended, having no store to note it in; who somebody is."""

from flask import Blueprint, Response, jsonify, request

from chassis.sessions import LONGEST
from chassis.web import current_context, requires_token
from chassis.web.tokens import OPERATIONS
from services.identity import queries

blueprint = Blueprint("sessions", __name__, url_prefix="/operations/identity")


@blueprint.get("/ended-sessions")
@requires_token(OPERATIONS)
def ended_sessions() -> Response:
    """{account's id: the time before which its sessions began that are over, session's id: when it was ended}"""
    context = current_context()
    with context.reading() as session:
        ended = queries.ended_sessions(session, context.clock.now() - LONGEST)
    return jsonify({id: before.isoformat() for id, before in ended.items()})


@blueprint.get("/names")
@requires_token(OPERATIONS)
def names() -> Response:
    """{account's id: name} of those asked for (`account`, again and again) that there are."""
    with current_context().reading() as session:
        return jsonify(queries.names(session, request.args.getlist("account")[:500]))
