"""Placement's own store."""

from pathlib import Path

from services.placement.store.repositories import Unit, offers_due
from services.placement.store.tables import metadata, participations

MIGRATIONS = Path(__file__).parent.parent / "migrations"

__all__ = ["MIGRATIONS", "Unit", "metadata", "offers_due", "participations"]
