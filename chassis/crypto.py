"""Keeping secrets: at rest, in an event meant for one reader, in a search key, in a token."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from joserfc import jwe, jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey, OKPKey


class CannotOpen(ValueError):
    """What was sealed can't be opened with the keys at hand."""


class TokenRefused(ValueError):
    """The token is not ours, was changed, or is past its time."""


class Cipher:
    """Seals fields at rest. The first key seals, all of them open, so that keys can be renewed."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise CannotOpen("no field key of ours opens this") from error


class KeyedHash:
    """Finds a value again without keeping it: HMAC-SHA256, as 64 hexadecimal digits."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def of(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()


_SEALING = {"alg": "ECDH-ES", "enc": "A256GCM"}


class Sealer:
    """Seals a dictionary for the one who holds the private key (JWE, X25519)."""

    def __init__(self, public_key: dict[str, str]) -> None:
        self._key = OKPKey.import_key(dict(public_key))

    def seal(self, content: dict[str, Any]) -> str:
        return jwe.encrypt_compact(_SEALING, json.dumps(content).encode(), self._key)


class Opener:
    """Opens what was sealed for us."""

    def __init__(self, private_key: dict[str, str]) -> None:
        self._key = OKPKey.import_key(dict(private_key))

    def open(self, sealed: str) -> dict[str, Any]:
        try:
            content = jwe.decrypt_compact(sealed, self._key, algorithms=list(_SEALING.values())).plaintext
        except (JoseError, ValueError) as error:
            raise CannotOpen("this was not sealed for our key") from error
        return json.loads(content or b"{}")


def issue_token(key: str, claims: dict[str, Any], now: datetime, lasting: timedelta) -> str:
    """A signed token (JWT, HS256) that holds `claims` until `now + lasting`."""
    times = {"iat": int(now.timestamp()), "exp": int((now + lasting).timestamp())}
    return jwt.encode({"alg": "HS256"}, claims | times, OctKey.import_key(key))


def read_token(key: str, token: str, now: datetime) -> dict[str, Any]:
    """The claims of a token that `issue_token` made with the same key; raises TokenRefused."""
    try:
        claims = jwt.decode(token, OctKey.import_key(key), algorithms=["HS256"]).claims
    except (JoseError, ValueError) as error:
        raise TokenRefused("not a token of this site") from error
    if not isinstance(claims.get("exp"), int) or claims["exp"] <= now.timestamp():
        raise TokenRefused("the token has expired")
    return claims
