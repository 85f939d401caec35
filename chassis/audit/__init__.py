"""The audit: who saw or changed what, and when. Only added to, and chained, so that a change to it is found.

A row names people by the opaque id of their account and things by their reference: it holds no personal data.
"""

from chassis.audit.chain import SEALED, Broken, Verdict, cut, seal, verify
from chassis.audit.deeds import ALLOWED, REFUSED, Actor, Deed, doing, note
from chassis.audit.reading import Asked, read, read_for_keepers

__all__ = [
    "ALLOWED",
    "REFUSED",
    "SEALED",
    "Actor",
    "Asked",
    "Broken",
    "Deed",
    "Verdict",
    "cut",
    "doing",
    "note",
    "read",
    "read_for_keepers",
    "seal",
    "verify",
]
