"""Accounts and the right to use them, and how many attempts to sign in anybody has."""

from services.identity.domain.account import Account, normalised_email
from services.identity.domain.attempts import (
    DELAYS,
    FORGOTTEN_AFTER,
    FREE_BY_ACCOUNT,
    FREE_BY_ADDRESS,
    Throttle,
    delay_after,
)
from services.identity.domain.errors import (
    AccountNotFound,
    EmailTaken,
    NotOneself,
    PasswordRefused,
    SignInRefused,
    TooManyAttempts,
)
from services.identity.domain.passwords import MAX_PASSWORD, MIN_PASSWORD, check_password

__all__ = [
    "DELAYS",
    "FORGOTTEN_AFTER",
    "FREE_BY_ACCOUNT",
    "FREE_BY_ADDRESS",
    "MAX_PASSWORD",
    "MIN_PASSWORD",
    "Account",
    "AccountNotFound",
    "EmailTaken",
    "NotOneself",
    "PasswordRefused",
    "SignInRefused",
    "Throttle",
    "TooManyAttempts",
    "check_password",
    "delay_after",
    "normalised_email",
]
