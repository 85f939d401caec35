"""Sending the same twice: an answer is kept, and given again to whoever asks again under the same key."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

#: how long an answer is kept under its key
KEPT_FOR: Final = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class Sending:
    """A request that its sender may repeat: under which key, and the keyed hash of all that it says."""

    sender: str
    key: str
    said: str


@dataclass(frozen=True, kw_only=True)
class Given:
    """What was answered: a status, a body without personal data, and where to find what was made."""

    status: int
    body: dict[str, Any]
    location: str | None = None
