"""The referral service's own store."""

from pathlib import Path

from services.referral.store.keys import likeness_keys, search_keys, sorting_key, words
from services.referral.store.repositories import Referrals, Unit
from services.referral.store.tables import metadata, referrals

MIGRATIONS = Path(__file__).parent.parent / "migrations"

__all__ = [
    "MIGRATIONS",
    "Referrals",
    "Unit",
    "likeness_keys",
    "metadata",
    "referrals",
    "search_keys",
    "sorting_key",
    "words",
]
