"""Accounts and the right to use them, and how many attempts to sign in anybody has."""

from services.identity.domain.account import Account, Details, Standing, normalised_email, standing_of
from services.identity.domain.attempts import (
    DELAYS,
    FORGOTTEN_AFTER,
    FREE_BY_ACCOUNT,
    FREE_BY_ADDRESS,
    FREE_LETTERS,
    Throttle,
    delay_after,
)
from services.identity.domain.errors import (
    AccountNotFound,
    CodeRefused,
    EmailTaken,
    LastAdministrator,
    LinkSpent,
    NotInvited,
    NotOneself,
    PasswordRefused,
    ProviderRefused,
    SecondFactorOn,
    SignInRefused,
    TooManyAttempts,
)
from services.identity.domain.letters import LEASE, RETRY_AFTER, Kind, OutgoingLetter
from services.identity.domain.links import LASTS, Link, Purpose
from services.identity.domain.passwords import MAX_PASSWORD, MIN_PASSWORD, check_password
from services.identity.domain.provider import Binding, Told
from services.identity.domain.second_factor import SecondFactor

__all__ = [
    "DELAYS",
    "FORGOTTEN_AFTER",
    "FREE_BY_ACCOUNT",
    "FREE_BY_ADDRESS",
    "FREE_LETTERS",
    "LASTS",
    "LEASE",
    "MAX_PASSWORD",
    "MIN_PASSWORD",
    "RETRY_AFTER",
    "Account",
    "AccountNotFound",
    "Binding",
    "CodeRefused",
    "Details",
    "EmailTaken",
    "Kind",
    "LastAdministrator",
    "Link",
    "LinkSpent",
    "NotInvited",
    "NotOneself",
    "OutgoingLetter",
    "PasswordRefused",
    "ProviderRefused",
    "Purpose",
    "SecondFactor",
    "SecondFactorOn",
    "SignInRefused",
    "Standing",
    "Throttle",
    "Told",
    "TooManyAttempts",
    "check_password",
    "delay_after",
    "normalised_email",
    "standing_of",
]
