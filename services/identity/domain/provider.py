"""Signing in through somebody else's provider: who it says that somebody is, and whose account that opens."""

from dataclasses import dataclass
from datetime import datetime

from services.identity.domain.errors import ProviderRefused


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the provider says of whoever signed in there; `subject` is its own name for them, for good."""

    issuer: str
    subject: str
    email: str | None
    email_verified: bool

    def known_address(self) -> str:
        """The address by which an account may be found the first time. Raises ProviderRefused."""
        if not self.email or not self.email_verified:
            raise ProviderRefused("unverified")
        return self.email


@dataclass(eq=False)
class Binding:
    """From the first time on an account is found by what never changes, not by the address."""

    issuer: str
    subject: str
    account_id: str
    bound_at: datetime
