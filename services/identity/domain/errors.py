"""Why identity refuses."""

from datetime import datetime
from typing import Final


class AccountNotFound(LookupError):
    """There is no such account."""


class EmailTaken(ValueError):
    """Another account has this e-mail address."""


class NotOneself(ValueError):
    """Administrators can't shut themselves out."""


class LastAdministrator(ValueError):
    """Without this account nobody could administer any more."""


class NotInvited(ValueError):
    """The account's owner has accepted the invitation already, or there never was one."""


class LinkSpent(ValueError):
    """The link was used, is too old, was replaced or taken back, or never was one."""


class SignInRefused(ValueError):
    """E-mail and password don't open an account; which of the two is wrong is not told."""


class PasswordRefused(ValueError):
    """The password is not good enough; `reason` is one of REASONS."""

    REASONS: Final = ("too_short", "too_long", "too_simple", "like_name", "common")

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class CodeRefused(ValueError):
    """The code of the second factor is wrong, too old, or was taken already."""


class ProviderRefused(ValueError):
    """What the provider says opens no account; `reason` is one of REASONS."""

    REASONS: Final = ("unverified", "unknown")

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SecondFactorOn(ValueError):
    """There is a second factor already; it has to be turned off before there is another."""


class TooManyAttempts(ValueError):
    """Signing in has to wait until `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until
