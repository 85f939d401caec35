"""Links in e-mails, by which the owner of an account chooses a password."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from services.identity.domain.errors import LinkSpent


class Purpose(StrEnum):
    INVITATION = "invitation"  #: to a new account
    RESET = "reset"  #: of a forgotten password


#: how long a link works after its e-mail was sent
LASTS: Final = {Purpose.INVITATION: timedelta(days=7), Purpose.RESET: timedelta(hours=1)}


@dataclass(eq=False)
class Link:
    """Works once and for a time. Only the keyed hash of what the link holds is kept."""

    key: str
    account_id: str
    purpose: str
    expires_at: datetime

    @staticmethod
    def new(key: str, account_id: str, purpose: Purpose, now: datetime) -> "Link":
        return Link(key, account_id, purpose, now + LASTS[purpose])

    def must_work(self, now: datetime) -> None:
        """Raises LinkSpent."""
        if now >= self.expires_at:
            raise LinkSpent
