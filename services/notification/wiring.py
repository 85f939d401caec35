"""Puts notification together."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chassis.context import Context
from chassis.mail import Letter, OpenPost, mail_folder, post_of
from chassis.settings import Settings
from chassis.store import Store
from contracts import ERASING
from services.notification.store import Unit, metadata, subjects

NAME = "notification"
MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(kw_only=True)
class NotificationContext(Context):
    """Notification's store, and the way its e-mails leave the house."""

    open_post: OpenPost
    #: letters that are claimed and committed, to be sent by this process at once
    at_hand: deque[Letter] = field(default_factory=deque, init=False)

    @property
    def mail_folder(self) -> Path | None:
        """Where e-mails are kept as files; None where a mail server takes them."""
        return mail_folder(self.settings)


def wire(settings: Settings, **overrides: Any) -> NotificationContext:
    """Notification put together; `overrides` replace any part (a clock, a store, the post)."""
    parts: dict[str, Callable[[], Any]] = {
        "store": lambda: Store(NAME, settings.database_url(NAME), metadata, MIGRATIONS),
        "open_post": lambda: post_of(settings),
    }
    made = {name: make() for name, make in parts.items() if name not in overrides}
    areas = (subjects.c.reference, subjects.c.area)
    return NotificationContext(
        name=NAME, settings=settings, unit_class=Unit, erasing=ERASING, areas=areas, **made | overrides
    )
