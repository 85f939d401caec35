"""Which passwords are good enough."""

from typing import Final

from services.identity.domain.account import normalised_email
from services.identity.domain.errors import PasswordRefused

MIN_PASSWORD: Final = 12
MAX_PASSWORD: Final = 128  # hashing takes memory and time: nobody may send a book
_MIN_DISTINCT = 5


def check_password(password: str, email: str, name: str) -> None:
    """Raises PasswordRefused for one that is too easy to guess."""
    if len(password) < MIN_PASSWORD:
        raise PasswordRefused("too_short")
    if len(password) > MAX_PASSWORD:
        raise PasswordRefused("too_long")
    if len(set(password.casefold())) < _MIN_DISTINCT:
        raise PasswordRefused("too_simple")
    own = [*name.casefold().split(), normalised_email(email).split("@")[0]]
    if any(len(part) > 3 and part in password.casefold() for part in own):
        raise PasswordRefused("like_name")
