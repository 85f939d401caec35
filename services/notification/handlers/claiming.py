"""Claiming an e-mail: from then on one worker is to send it, and settles what came of it before the claim runs out."""

from chassis.mail import Letter
from services.notification.domain import Delivery
from services.notification.handlers.texts import compose
from services.notification.store import Unit

#: letters that wait in the process at most: three batches, of which each may take half a minute (sending.py), are well
#: within a claim (domain.LEASE); others wait in the store
AT_HAND = 300


def claimed(unit: Unit, delivery: Delivery) -> Letter:
    delivery.claim(unit.now)
    partner = unit.partners.get(delivery.message.partner)
    return compose(delivery.id, delivery.message, partner, unit.context.settings.public_url)


def keep_at_hand(unit: Unit, delivery: Delivery) -> None:
    """Claims an e-mail in the transaction that writes it, where this process sends letters and has few to send."""
    if unit.context.prompt and len(unit.letters) + len(unit.context.at_hand) < AT_HAND:
        unit.letters.append(claimed(unit, delivery))
