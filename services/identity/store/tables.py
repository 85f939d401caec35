"""The tables of the identity service, and how the domain lies on them."""

import sqlalchemy as sa
from sqlalchemy.orm import registry

from chassis.store import UTCDateTime, service_metadata
from services.identity.domain import Account, Binding, Link, OutgoingLetter, SecondFactor, Throttle

metadata = service_metadata()
mapping = registry(metadata=metadata)

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("email", sa.String(254), nullable=False, unique=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("areas", sa.JSON, nullable=False),
    sa.Column("partner", sa.String(50)),
    sa.Column("region", sa.String(30)),
    sa.Column("rights", sa.JSON, nullable=False),
    sa.Column("language", sa.String(2), nullable=False),
    sa.Column("password_hash", sa.String(200)),
    sa.Column("password_initial", sa.Boolean, nullable=False),
    sa.Column("password_changed_at", UTCDateTime),
    sa.Column("accepted_at", UTCDateTime),
    sa.Column("disabled_at", UTCDateTime),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.Column("last_signed_in_at", UTCDateTime),
    sa.Column("demonstration", sa.Boolean, nullable=False),
    sa.Column("sessions_from", UTCDateTime),
    sa.Column("version", sa.Integer, nullable=False),
)

throttles = sa.Table(
    "sign_in_throttles",
    metadata,
    sa.Column("key", sa.String(80), primary_key=True),
    sa.Column("free", sa.Integer, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last_at", UTCDateTime),
    sa.Column("blocked_until", UTCDateTime),
)

links = sa.Table(
    "links",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("account_id", sa.String(36), nullable=False, index=True),
    sa.Column("purpose", sa.String(20), nullable=False),
    sa.Column("expires_at", UTCDateTime, nullable=False),
)

second_factors = sa.Table(
    "second_factors",
    metadata,
    sa.Column("account_id", sa.String(36), primary_key=True),
    sa.Column("sealed", sa.Text, nullable=False),
    sa.Column("begun_at", UTCDateTime, nullable=False),
    sa.Column("confirmed_at", UTCDateTime),
    sa.Column("last_step", sa.BigInteger, nullable=False),
    sa.Column("recovery", sa.JSON, nullable=False),
)

bindings = sa.Table(
    "bindings",
    metadata,
    sa.Column("issuer", sa.String(300), primary_key=True),
    sa.Column("subject", sa.String(255), primary_key=True),
    sa.Column("account_id", sa.String(36), nullable=False),
    sa.Column("bound_at", UTCDateTime, nullable=False),
    sa.UniqueConstraint("issuer", "account_id"),
)

letters = sa.Table(
    "letters",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("kind", sa.String(30), nullable=False),
    sa.Column("account_id", sa.String(36), index=True),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.Column("next_attempt_at", UTCDateTime),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("sent_at", UTCDateTime),
    sa.Column("cause", sa.String(40)),
)
# only what is still to be sent has a next attempt: the index stays as small as the queue
sa.Index(
    "ix_letters_due",
    letters.c.next_attempt_at,
    postgresql_where=letters.c.next_attempt_at.is_not(None),
    sqlite_where=letters.c.next_attempt_at.is_not(None),
)

mapping.map_imperatively(Account, accounts, version_id_col=accounts.c.version)
mapping.map_imperatively(Throttle, throttles)
mapping.map_imperatively(Link, links)
mapping.map_imperatively(Binding, bindings)
mapping.map_imperatively(OutgoingLetter, letters)
mapping.map_imperatively(SecondFactor, second_factors)
