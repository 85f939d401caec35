"""The identity service's own store."""

from pathlib import Path

from services.identity.store.passwords import Passwords
from services.identity.store.repositories import Accounts, Throttles, Unit
from services.identity.store.tables import accounts, letters, links, metadata, second_factors

MIGRATIONS = Path(__file__).parent.parent / "migrations"

__all__ = [
    "MIGRATIONS",
    "Accounts",
    "Passwords",
    "Throttles",
    "Unit",
    "accounts",
    "letters",
    "links",
    "metadata",
    "second_factors",
]
