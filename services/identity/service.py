"""The worker of the identity service: it hears no events, and tidies up."""

from chassis.worker import Service, every
from services.identity import handlers, wiring
from services.identity.wiring import IdentityContext


class IdentityService(Service):
    """Forgets old attempts to sign in."""

    name = wiring.NAME
    wire = staticmethod(wiring.wire)

    @every(seconds=3600)
    def forget_attempts(self, context: IdentityContext) -> None:
        handlers.forget_attempts(context)
