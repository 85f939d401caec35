"""What the referral service does: one function per command, and one per event that it hears."""

from services.referral.handlers.following import (
    decide_eligibility,
    load_batch,
    note_acknowledged,
    note_delivered,
    note_ended,
    note_enrolled,
    note_failed,
    note_offer_declined,
    note_offer_expired,
    note_offered,
    note_paused,
    note_placed,
    note_resumed,
    note_started,
    note_waitlisted,
)
from services.referral.handlers.referring import correct_referral, submit_referral, withdraw_referral

__all__ = [
    "correct_referral",
    "decide_eligibility",
    "load_batch",
    "note_acknowledged",
    "note_delivered",
    "note_ended",
    "note_enrolled",
    "note_failed",
    "note_offer_declined",
    "note_offer_expired",
    "note_offered",
    "note_paused",
    "note_placed",
    "note_resumed",
    "note_started",
    "note_waitlisted",
    "submit_referral",
    "withdraw_referral",
]
