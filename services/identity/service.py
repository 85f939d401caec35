"""The worker of the identity service: it hears no events, sends its letters and tidies up."""

from chassis.worker import Service, every
from services.identity import handlers, wiring
from services.identity.wiring import IdentityContext


class IdentityService(Service):
    """Sends letters to the owners of accounts; forgets what is over."""

    name = wiring.NAME
    wire = staticmethod(wiring.wire)

    @every(seconds=1)
    def send_due_letters(self, context: IdentityContext) -> None:
        handlers.send_due_letters(context)

    @every(seconds=3600)
    def forget_old(self, context: IdentityContext) -> None:
        handlers.forget_old(context)
