"""Codes of a second factor: made, shown and compared (RFC 6238)."""

import hmac
import secrets
from datetime import datetime

import pyotp
import segno

_STEP_S = 30
_SIGNS = "abcdefghijkmnpqrstuvwxyz23456789"
RECOVERY_CODES = 8


def new_secret() -> str:
    return pyotp.random_base32()


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The half minute that the code belongs to: this one, or the one before or after; None: none of them."""
    totp, present = pyotp.TOTP(secret), int(now.timestamp()) // _STEP_S
    steps = (present, present - 1, present + 1)
    return next((step for step in steps if hmac.compare_digest(totp.at(step * _STEP_S), code)), None)


def picture(secret: str, email: str) -> str:
    """What a device takes the secret from by its camera, as the address of an SVG picture."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name="Ancrage")
    return segno.make(uri, error="m").svg_data_uri(scale=5, border=4, light="#fff")


def in_groups(secret: str) -> str:
    """The secret as people type it."""
    return " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))


def new_recovery_codes() -> list[str]:
    """Codes of ten signs (50 bits)."""
    return ["-".join(_some(5) for _ in range(2)) for _ in range(RECOVERY_CODES)]


def _some(count: int) -> str:
    return "".join(secrets.choice(_SIGNS) for _ in range(count))
