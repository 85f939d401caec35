"""The referral service's own store."""

from pathlib import Path

from services.referral.store.erasing import due, forget_drafts, last_news_of, quiet_since
from services.referral.store.keys import likeness_keys, search_keys, sorting_key, words
from services.referral.store.repositories import Referrals, Unit
from services.referral.store.tables import metadata, referrals, within

MIGRATIONS = Path(__file__).parent.parent / "migrations"

__all__ = [
    "MIGRATIONS",
    "Referrals",
    "Unit",
    "due",
    "forget_drafts",
    "last_news_of",
    "likeness_keys",
    "metadata",
    "quiet_since",
    "referrals",
    "search_keys",
    "sorting_key",
    "within",
    "words",
]
