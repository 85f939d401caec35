"""What the referral service does: one function per command, and one per event that it hears."""

from services.referral.handlers.aftercare import correct_contact, report_costs, withdraw_consent
from services.referral.handlers.drafting import (
    begin_correction,
    begin_draft,
    discard_draft,
    refer_again,
    save_section,
    send_draft,
    take_over,
)
from services.referral.handlers.erasing import announce_erasures, erase_due, erase_person, forget_old_drafts, would_go
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
from services.referral.handlers.repeating import forget_answers, once
from services.referral.handlers.tokens import end_token, issue_token

__all__ = [
    "announce_erasures",
    "begin_correction",
    "begin_draft",
    "correct_contact",
    "correct_referral",
    "decide_eligibility",
    "discard_draft",
    "end_token",
    "erase_due",
    "erase_person",
    "forget_answers",
    "forget_old_drafts",
    "issue_token",
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
    "once",
    "refer_again",
    "report_costs",
    "save_section",
    "send_draft",
    "submit_referral",
    "take_over",
    "withdraw_consent",
    "withdraw_referral",
    "would_go",
]
