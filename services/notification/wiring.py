"""Puts notification together."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chassis.context import Context
from chassis.settings import Settings
from chassis.store import Store
from services.notification.handlers.post import FolderPost, OpenPost, SmtpPost
from services.notification.store import Unit, metadata, subjects

NAME = "notification"
MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(kw_only=True)
class NotificationContext(Context):
    """Notification's store, and the way its e-mails leave the house."""

    open_post: OpenPost

    @property
    def mail_folder(self) -> Path | None:
        """Where e-mails are kept as files; None where a mail server takes them."""
        return None if self.settings.smtp_url else mail_folder(self.settings)


def mail_folder(settings: Settings) -> Path:
    return settings.data / "mail"


def wire(settings: Settings, **overrides: Any) -> NotificationContext:
    """Notification put together; `overrides` replace any part (a clock, a store, the post)."""
    parts: dict[str, Callable[[], Any]] = {
        "store": lambda: Store(NAME, settings.database_url(NAME), metadata, MIGRATIONS),
        "open_post": lambda: _post(settings),
    }
    made = {name: make() for name, make in parts.items() if name not in overrides}
    areas = (subjects.c.reference, subjects.c.area)
    return NotificationContext(name=NAME, settings=settings, unit_class=Unit, areas=areas, **made | overrides)


def _post(settings: Settings) -> OpenPost:
    url = settings.smtp_url
    if url is None:
        return lambda: FolderPost(mail_folder(settings), settings.mail_from)
    return lambda: SmtpPost(url, settings.mail_from)
