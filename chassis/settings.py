"""Settings: read once at the start from the environment, typed; a wrong one says which and what it expected."""

import base64
import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

MEMORY_BROKER = "memory://"

SHORTEST_INBOX_DAYS = 30
SHORTEST_RETENTION_DAYS = 60  #: 30 of them lie between announcing and erasing

_BROKERS = ("memory", "amqp", "amqps", "pyamqp")
_DATABASES = ("sqlite", "postgresql", "postgresql+psycopg")


class SettingsError(ValueError):
    """A setting is missing or wrong. The message names it, what was expected and what to do."""


@dataclass(frozen=True)
class Keys:
    """The keys of the house. Each comes from the environment or, on one machine, from the data folder's secret."""

    environ: Mapping[str, str] = field(repr=False)
    secret: bytes | None = field(repr=False)

    @property
    def session(self) -> str:
        """Signs the session cookie; the same for all web processes."""
        return self._text("ANCRAGE_SESSION_KEY")

    @property
    def token(self) -> str:
        """Signs API tokens; the same for all web processes."""
        return self._text("ANCRAGE_TOKEN_KEY")

    @property
    def operations(self) -> str:
        """Signs the tokens with which the console asks the services."""
        return self._text("ANCRAGE_OPERATIONS_KEY")

    def field(self, service: str) -> list[str]:
        """Fernet keys that seal fields in the service's store, the newest first."""
        name = f"ANCRAGE_{service.upper()}_FIELD_KEYS"
        given = self._given(name, lambda raw: base64.urlsafe_b64encode(raw).decode())
        return [key.strip() for key in given.split(",")]

    def hash(self, service: str) -> str:
        """Key of the service's keyed hashes."""
        return self._text(f"ANCRAGE_{service.upper()}_HASH_KEY")

    def sealing_private(self, service: str) -> dict[str, str]:
        """JWK (OKP X25519) that opens what others seal for the service; only the service itself holds it."""
        return json.loads(self._given(f"ANCRAGE_{service.upper()}_SEALING_PRIVATE_KEY", _private_jwk))

    def sealing_public(self, service: str) -> dict[str, str]:
        """JWK with which anyone seals for the service."""
        derive = f"ANCRAGE_{service.upper()}_SEALING_PRIVATE_KEY"
        name = f"ANCRAGE_{service.upper()}_SEALING_PUBLIC_KEY"
        if name in self.environ or self.secret is None:
            return json.loads(self._given(name, _private_jwk))
        private = json.loads(self._given(derive, _private_jwk))
        return {part: private[part] for part in ("kty", "crv", "x")}

    def _text(self, name: str) -> str:
        return self._given(name, lambda raw: base64.urlsafe_b64encode(raw).decode())

    def _given(self, name: str, derive: Callable[[bytes], str]) -> str:
        if self.environ.get(name):
            return self.environ[name]
        if self.secret is None:
            raise SettingsError(f"{name} is not set: a secret is expected here (deploy/make-secrets makes all of them)")
        kdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=name.encode())
        return derive(kdf.derive(self.secret))


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the house was told at the start."""

    data: Path
    amqp_url: str
    public_url: str
    port: int
    smtp_url: str | None
    mail_from: str
    contact: str | None  #: the address of whoever helps people with the site
    demo: bool
    proxies: int  #: how many reverse proxies stand before the pages and tell where a request came from
    outbox_days: int  #: how long an event that was sent is kept
    inbox_days: int  #: how long it is known what was handled
    audit_days: int  #: how long it is known who saw what
    retention_days: int  #: how long people's data stays after the last news of them
    keys: Keys
    environ: Mapping[str, str] = field(repr=False)

    @staticmethod
    def read(
        environ: Mapping[str, str] = os.environ,
        *,
        data: Path | None = None,
        port: int | None = None,
        create: bool = False,
    ) -> "Settings":
        """The settings in `environ`; `data` and `port` override it.

        With `create`, a data folder without a secret gets one (one machine); without it, missing keys are an error
        when they are first needed. Raises SettingsError.
        """
        told = _parse(environ)
        folder = data or Path(told["data"])
        port = port or told["port"]
        return Settings(
            data=folder,
            amqp_url=told["amqp_url"],
            public_url=(told["public_url"] or f"http://127.0.0.1:{port}").rstrip("/"),
            port=port,
            smtp_url=told["smtp_url"] or None,
            mail_from=told["mail_from"],
            contact=told["contact"],
            demo=told["demo"],
            proxies=told["proxies"],
            outbox_days=told["outbox_days"],
            inbox_days=told["inbox_days"],
            audit_days=told["audit_days"],
            retention_days=told["retention_days"],
            keys=Keys(environ, _secret(folder, create=create)),
            environ=environ,
        )

    @property
    def embedded(self) -> bool:
        """Whether the broker is the one inside the worker process."""
        return self.amqp_url.startswith("memory:")

    def database_url(self, service: str) -> str:
        """SQLAlchemy URL of the service's own store: a file in the data folder unless the environment says another."""
        name = f"ANCRAGE_{service.upper()}_DATABASE_URL"
        url = self.environ.get(name) or f"sqlite:///{self.data.absolute() / service}.db"
        _expect_scheme(name, url, _DATABASES)
        return url.replace("postgresql://", "postgresql+psycopg://", 1)

    def broker_url(self, service: str) -> str:
        """URL of the broker with the service's own user, where it has one."""
        name = f"ANCRAGE_{service.upper()}_AMQP_URL"
        url = self.environ.get(name) or self.amqp_url
        _expect_scheme(name, url, _BROKERS)
        return url


class _SettingsSchema(Schema):
    """The environment variables of every process; those of one service are read where they are needed."""

    class Meta:
        unknown = EXCLUDE

    data = fields.String(data_key="ANCRAGE_DATA", load_default="data")
    amqp_url = fields.String(data_key="ANCRAGE_AMQP_URL", load_default=MEMORY_BROKER)
    public_url = fields.String(data_key="ANCRAGE_PUBLIC_URL", load_default="")
    port = fields.Integer(data_key="ANCRAGE_PORT", load_default=8080, validate=validate.Range(1, 65535))
    smtp_url = fields.String(data_key="ANCRAGE_SMTP_URL", load_default="")
    mail_from = fields.Email(data_key="ANCRAGE_MAIL_FROM", load_default="ancrage@localhost.localdomain")
    contact = fields.Email(data_key="ANCRAGE_CONTACT", load_default=None)
    demo = fields.Boolean(data_key="ANCRAGE_DEMO", load_default=False)
    proxies = fields.Integer(data_key="ANCRAGE_PROXIES", load_default=0, validate=validate.Range(0, 5))
    outbox_days = fields.Integer(data_key="ANCRAGE_OUTBOX_DAYS", load_default=30, validate=validate.Range(1, 3650))
    inbox_days = fields.Integer(
        data_key="ANCRAGE_INBOX_DAYS", load_default=400, validate=validate.Range(SHORTEST_INBOX_DAYS, 3650)
    )
    audit_days = fields.Integer(data_key="ANCRAGE_AUDIT_DAYS", load_default=1825, validate=validate.Range(365, 36500))
    retention_days = fields.Integer(
        data_key="ANCRAGE_RETENTION_DAYS", load_default=730, validate=validate.Range(SHORTEST_RETENTION_DAYS, 3650)
    )


def _parse(environ: Mapping[str, str]) -> dict[str, Any]:
    given = {name: value for name, value in environ.items() if name.startswith("ANCRAGE_") and value}
    try:
        told = _SettingsSchema().load(given)
    except ValidationError as error:
        wrong = "; ".join(
            f"{name}={given[name]!r}: {' '.join(said)}" for name, said in error.normalized_messages().items()
        )
        raise SettingsError(wrong) from error
    if told["inbox_days"] <= told["outbox_days"]:
        raise SettingsError("ANCRAGE_INBOX_DAYS: expected more days than ANCRAGE_OUTBOX_DAYS has")
    _expect_scheme("ANCRAGE_AMQP_URL", told["amqp_url"], _BROKERS)
    _expect_scheme("ANCRAGE_PUBLIC_URL", told["public_url"], ("http", "https"))
    _expect_scheme("ANCRAGE_SMTP_URL", told["smtp_url"], ("smtp", "smtps"))
    return told


def _expect_scheme(name: str, url: str, schemes: tuple[str, ...]) -> None:
    # never the value itself: URLs hold passwords
    if url and urlsplit(url).scheme not in schemes:
        raise SettingsError(f"{name}: expected a URL that starts with {' or '.join(s + '://' for s in schemes)}")


def _secret(folder: Path, *, create: bool) -> bytes | None:
    """The one secret of a data folder, from which all its keys are derived; file mode 0600."""
    path = folder / "secret"
    if path.exists():
        return base64.urlsafe_b64decode(path.read_text())
    if not create:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    raw = secrets.token_bytes(32)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(base64.urlsafe_b64encode(raw).decode())
    return raw


def _private_jwk(raw: bytes) -> str:
    key = X25519PrivateKey.from_private_bytes(raw)
    public = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    jwk = {"kty": "OKP", "crv": "X25519", "x": _b64(public), "d": _b64(raw)}
    return json.dumps(jwk)


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
