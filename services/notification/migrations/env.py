"""Alembic's way in."""

from chassis.migrations import run
from services.notification.store import metadata

run(metadata)
