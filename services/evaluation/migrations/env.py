"""Alembic's way in."""

from chassis.migrations import run
from services.evaluation.store import metadata

run(metadata)
