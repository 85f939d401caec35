"""Time and identity, handed in so that tests and simulations can choose them."""

import os
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present, aware, in UTC."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def read_instant(text: str) -> datetime:
    """The instant that ISO 8601 with an offset tells, in UTC. Raises ValueError, also where no store could hold it."""
    told = datetime.fromisoformat(text)
    if told.tzinfo is None:
        raise ValueError("a time without an offset says no instant")
    try:
        return told.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a time before the first year or after the last") from error


NewId = Callable[[], str]


def uuid7() -> str:
    """A UUID of version 7 (RFC 9562 5.7): 48 bits of Unix milliseconds, the rest random; sorts by time."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    return str(uuid.UUID(int=value & ~(0x3 << 62) | 0x2 << 62))
