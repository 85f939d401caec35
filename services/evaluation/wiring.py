"""Puts the evaluation together."""

from pathlib import Path
from typing import Any

from chassis.context import Context
from chassis.crypto import KeyedHash
from chassis.settings import Settings
from chassis.store import Store
from contracts import ERASING
from services.evaluation.store import Unit, metadata

NAME = "evaluation"


def wire(settings: Settings, **overrides: Any) -> Context:
    """The evaluation on its own store; `overrides` replace what tests choose (clock, new_id, store …)."""
    store = overrides.pop("store", None) or Store(
        NAME, settings.database_url(NAME), metadata, Path(__file__).parent / "migrations"
    )
    hasher = KeyedHash(settings.keys.hash(NAME))

    def mark_of(pseudonym: str) -> str:
        return f"~{hasher.of(f'audit of {pseudonym}')[:10]}"

    return Context(
        name=NAME, settings=settings, store=store, unit_class=Unit, erasing=ERASING, mark_of=mark_of, **overrides
    )
