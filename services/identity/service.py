"""The worker of the identity service: it sends its letters, tidies up, and hears of nobody but of who is erased."""

from chassis.worker import Service, every, on
from contracts.referral import ReferralErased
from services.identity import handlers, wiring
from services.identity.store import Unit
from services.identity.wiring import IdentityContext


class IdentityService(Service):
    """Sends letters to the owners of accounts; forgets what is over."""

    name = wiring.NAME
    wire = staticmethod(wiring.wire)

    @on(ReferralErased)
    def forget(self, unit: Unit, event: ReferralErased) -> None:
        """Only what was put on the queue by hand can name a referral here: the machinery forgets that by itself."""

    @every(seconds=1)
    def send_due_letters(self, context: IdentityContext) -> None:
        handlers.send_due_letters(context)

    @every(seconds=3600)
    def forget_old(self, context: IdentityContext) -> None:
        handlers.forget_old(context)
