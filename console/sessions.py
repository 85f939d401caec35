"""Whether an operator's session still counts: identity is asked, since the console has no store of its own."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from chassis.web import SessionsThatCount
from console.client import ServiceDown
from console.wiring import Console

log = structlog.get_logger(__name__)

#: how often identity is asked at most
BELIEVED = timedelta(seconds=20)


def ended_in_identity(console: Console) -> SessionsThatCount:
    """While identity does not answer, what it said last counts: the console is needed most when something is down."""
    known: Mapping[str, datetime] = {}

    def ask() -> Mapping[str, datetime]:
        nonlocal known
        try:
            known = console.ask_ended_sessions()
        except ServiceDown as down:
            log.warning("ended sessions are not known anew", why=str(down))
        return known

    return SessionsThatCount(ask, console.clock, BELIEVED)
