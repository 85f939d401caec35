"""Passwords as they are kept: argon2id."""

import secrets
import unicodedata
from collections.abc import Sequence
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

#: no 0/O, 1/l/I: an initial password is read out or typed from paper
_SIGNS = "abcdefghijkmnpqrstuvwxyz23456789"


#: zxcvbn's scores go from 0 to 4: 3 withstands whoever has stolen a hash for some time, 2 only guesses at the sign-in
_GOOD_ENOUGH = 3
_JUDGED = 72  #: signs; a longer one takes zxcvbn long
#: what people here would begin with, which lists made elsewhere lack
_LOCAL = (
    "ancrage",
    "passwort",
    "kennwort",
    "motdepasse",
    "bienvenue",
    "willkommen",
    "bonjour",
    "valais",
    "wallis",
    "oseo",
)


class Passwords:
    """Hashes and checks, with the library's defaults (RFC 9106, low memory) unless another hasher is given."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()

    @cached_property
    def _nobody(self) -> str:
        """What an unknown account's password is checked against, so that it takes as long as a known one's."""
        return self._hasher.hash(secrets.token_hex())

    def hash(self, password: str) -> str:
        return self._hasher.hash(_plain(password))

    def fits(self, hashed: str | None, password: str) -> bool:
        """Whether the password is the hashed one; takes the same time where there is none (`hashed` is None)."""
        nobody = self._nobody  # made at the first check of any password, so that it tells nothing
        try:
            return self._hasher.verify(hashed or nobody, _plain(password)) and hashed is not None
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, hashed: str) -> bool:
        """Whether it was hashed with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(hashed)

    def is_common(self, password: str, own: Sequence[str]) -> bool:
        """Whether whoever knows usual passwords, and the words `own`, would guess it soon."""
        judged = zxcvbn(_plain(password)[:_JUDGED], user_inputs=[*_LOCAL, *own])
        return int(judged["score"]) < _GOOD_ENOUGH

    def generate(self) -> str:
        """A random password of four groups of four signs (80 bits)."""
        return "-".join("".join(secrets.choice(_SIGNS) for _ in range(4)) for _ in range(4))


def _plain(password: str) -> str:
    """é is one sign on one keyboard and two on another."""
    return unicodedata.normalize("NFKC", password)
