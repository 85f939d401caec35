"""Alembic's way in."""

from chassis.migrations import run
from services.placement.store import metadata

run(metadata)
