"""The composition root of the identity service."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from chassis.context import Context
from chassis.crypto import Cipher, KeyedHash
from chassis.mail import OpenPost, post_of
from chassis.settings import Settings, SettingsError
from chassis.store import Store
from contracts import ERASING
from contracts.people import ROLES
from services.identity.domain import normalised_email
from services.identity.store import MIGRATIONS, Passwords, Unit, metadata

NAME = "identity"


@dataclass(frozen=True, kw_only=True)
class Provider:
    """Where people may also sign in (OpenID Connect), and what pages call it."""

    issuer: str
    client_id: str
    client_secret: str
    name: str


@dataclass(kw_only=True)
class IdentityContext(Context):
    """What the identity service stands on: its store, its ways to hash, and the way of its letters."""

    passwords: Passwords
    hasher: KeyedHash
    cipher: Cipher  #: seals the secrets of second factors
    open_post: OpenPost
    provider: Provider | None = None
    second_factor_roles: frozenset[str] = frozenset()  #: whose people must have a second factor

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

    def code_key(self, account_id: str) -> str:
        """What attempts at the codes of a second factor are counted by."""
        return f"code:{account_id}"

    def recovery_key(self, account_id: str, code: str) -> str:
        return self.hasher.of(f"recovery:{account_id}:{code}")

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
        "cipher": lambda: Cipher(settings.keys.field(NAME)),
        "provider": lambda: _provider(settings),
        "second_factor_roles": lambda: _roles(settings),
        "open_post": lambda: post_of(settings),
        "hasher": lambda: KeyedHash(settings.keys.hash(NAME)),
    }
    made = {name: make() for name, make in parts.items() if name not in overrides}
    return IdentityContext(name=NAME, settings=settings, unit_class=Unit, erasing=ERASING, **made | overrides)


def _provider(settings: Settings) -> Provider | None:
    """ANCRAGE_OIDC_ISSUER, _CLIENT_ID, _CLIENT_SECRET: all of them or none; ANCRAGE_OIDC_NAME: what pages call it."""
    told = {name: settings.environ.get(f"ANCRAGE_OIDC_{name}", "") for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET")}
    if not any(told.values()):
        return None
    if missing := [f"ANCRAGE_OIDC_{name}" for name, value in told.items() if not value]:
        raise SettingsError(f"{', '.join(missing)} is not set, and is needed where the others are")
    issuer = told["ISSUER"].rstrip("/")
    if not issuer.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise SettingsError("ANCRAGE_OIDC_ISSUER: expected an address that starts with https://")
    name = settings.environ.get("ANCRAGE_OIDC_NAME") or str(urlsplit(issuer).hostname)
    return Provider(issuer=issuer, client_id=told["CLIENT_ID"], client_secret=told["CLIENT_SECRET"], name=name)


def _roles(settings: Settings) -> frozenset[str]:
    """ANCRAGE_SECOND_FACTOR_ROLES: codes of roles, with commas between."""
    told = settings.environ.get(_DEMANDED, "")
    roles = frozenset(role.strip() for role in told.split(",") if role.strip())
    if unknown := sorted(roles - set(ROLES)):
        raise SettingsError(f"{_DEMANDED}: {', '.join(unknown)} is no role; expected some of {', '.join(ROLES)}")
    return roles


_DEMANDED = "ANCRAGE_SECOND_FACTOR_ROLES"
