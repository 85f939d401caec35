"""The referral service's own store."""

from pathlib import Path

from services.referral.store.repositories import Referrals, Unit
from services.referral.store.tables import metadata, referrals, search_key

MIGRATIONS = Path(__file__).parent.parent / "migrations"

__all__ = ["MIGRATIONS", "Referrals", "Unit", "metadata", "referrals", "search_key"]
