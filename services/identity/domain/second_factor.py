"""A second factor: codes that change every half minute, and codes for when the device is lost."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.identity.domain.errors import CodeRefused


@dataclass(eq=False)
class SecondFactor:
    """begun (secret made) -> on (a first code was right). Its owner's device holds the secret, and the sealed field."""

    account_id: str
    sealed: str
    begun_at: datetime
    confirmed_at: datetime | None = None
    last_step: int = 0  #: half minute of the last code that was taken: none is taken twice
    recovery: list[str] = field(default_factory=list)  #: keyed hashes of the codes that are left

    @property
    def is_on(self) -> bool:
        return self.confirmed_at is not None

    def confirm(self, step: int | None, recovery: Sequence[str], now: datetime) -> None:
        """The device shows the right code: from now on it is asked for. Raises CodeRefused."""
        self.take(step)
        self.confirmed_at, self.recovery = now, list(recovery)

    def take(self, step: int | None) -> None:
        """`step`: the half minute that the code belongs to; None: to none near now. Raises CodeRefused."""
        if step is None or step <= self.last_step:
            raise CodeRefused
        self.last_step = step

    def take_recovery(self, hashed: str) -> None:
        """Such a code works once. Raises CodeRefused."""
        if hashed not in self.recovery:
            raise CodeRefused
        self.recovery = [each for each in self.recovery if each != hashed]
