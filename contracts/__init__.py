"""The published language: what services may say to each other, and the words they share.

One module per publisher. An event is declared once, as a frozen class; its schema is derived from its fields.
Fields may be added with a default; none is ever given another meaning (then it is a new version, `.v2`).
"""

from contracts import evaluation, identity, notification, placement, referral
from contracts.event import CATALOGUE, Event, event

#: types of events that say that nothing may be known of their subject any more
ERASING = frozenset(type for type, each in CATALOGUE.items() if each.ERASES)

__all__ = ["CATALOGUE", "ERASING", "Event", "evaluation", "event", "identity", "notification", "placement", "referral"]
