"""The composition root of the identity service."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chassis.context import Context
from chassis.crypto import KeyedHash
from chassis.mail import OpenPost, post_of
from chassis.settings import Settings
from chassis.store import Store
from services.identity.domain import normalised_email
from services.identity.store import MIGRATIONS, Passwords, Unit, metadata

NAME = "identity"


@dataclass(kw_only=True)
class IdentityContext(Context):
    """What the identity service stands on: its store, its ways to hash, and the way of its letters."""

    passwords: Passwords
    hasher: KeyedHash
    open_post: OpenPost

    def account_key(self, email: str) -> str:
        """What attempts on an account are counted by, whether the account exists or not."""
        return f"account:{self.hasher.of(normalised_email(email))}"

    def address_key(self, address: str) -> str:
        """What attempts from an address are counted by: a whole /64 where it is IPv6."""
        return f"address:{self.hasher.of(_network(address))}"

    def letter_key(self, whose: str) -> str:
        """What letters asked for are counted by: to an address of e-mail, or from one of the network."""
        return f"letters:{self.hasher.of(normalised_email(_network(whose)))}"

    def link_key(self, token: str) -> str:
        """What a link is found by: whoever reads the store can't make one."""
        return self.hasher.of(f"link:{token}")

    @property
    def demo_password(self) -> str:
        """The password of the demonstration accounts: the same for a data folder, unlike any other's."""
        digits = self.hasher.of("demonstration accounts")
        return f"ancrage-{digits[:4]}-{digits[4:8]}"


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    prefix = 64 if parsed.version == 6 else 32
    return str(ipaddress.ip_network((parsed, prefix), strict=False))


def wire(settings: Settings, **overrides: Any) -> IdentityContext:
    """The service put together; `overrides` replace any part (a clock, a store, cheaper hashing)."""
    parts: dict[str, Callable[[], Any]] = {
        "store": lambda: Store(NAME, settings.database_url(NAME), metadata, MIGRATIONS),
        "passwords": Passwords,
        "open_post": lambda: post_of(settings),
        "hasher": lambda: KeyedHash(settings.keys.hash(NAME)),
    }
    made = {name: make() for name, make in parts.items() if name not in overrides}
    return IdentityContext(name=NAME, settings=settings, unit_class=Unit, **made | overrides)
