"""The composition root of the referral service."""

import base64
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chassis.context import Context
from chassis.crypto import Cipher, KeyedHash, Sealer
from chassis.sealed import seal_with
from chassis.settings import Settings
from chassis.store import Store
from contracts import ERASING
from services.referral.store import MIGRATIONS, Unit, metadata, referrals

NAME = "referral"


@dataclass(kw_only=True)
class ReferralContext(Context):
    """What the referral service stands on: its store, and the keys for what must not be read."""

    cipher: Cipher  #: AVS numbers, answers and costs at rest
    hasher: KeyedHash  #: finds a number or a name again without opening any
    sealer: Sealer  #: contact data, for placement's eyes only
    new_pseudonym: Callable[[], str]
    pause: Callable[[float], None] = time.sleep  #: how a page waits for news that is on its way, in seconds


def random_pseudonym() -> str:
    """P- and ten random letters and digits (50 bits): tells nothing of the person."""
    return "P-" + base64.b32encode(secrets.token_bytes(7)).decode()[:10]


def wire(settings: Settings, **overrides: Any) -> ReferralContext:
    """The service put together; `overrides` replace any part (a clock, a store, keys)."""
    parts: dict[str, Callable[[], Any]] = {
        "store": lambda: Store(NAME, settings.database_url(NAME), metadata, MIGRATIONS),
        "cipher": lambda: Cipher(settings.keys.field(NAME)),
        "hasher": lambda: KeyedHash(settings.keys.hash(NAME)),
        "sealer": lambda: Sealer(settings.keys.sealing_public("placement")),
        "new_pseudonym": lambda: random_pseudonym,
    }
    made = {name: make() for name, make in parts.items() if name not in overrides}
    areas = (referrals.c.reference, referrals.c.cms_area)
    context = ReferralContext(
        name=NAME, settings=settings, unit_class=Unit, erasing=ERASING, areas=areas, **made | overrides
    )
    seal_with(context.store.engine, context.cipher)
    return context
