"""What the identity service does: one function per command."""

from services.identity.handlers.demonstration import DemoAccount, create_demo_accounts, demo_description
from services.identity.handlers.own import change_password, choose_first_password, choose_language, sign_out_everywhere
from services.identity.handlers.people import (
    CreateAccount,
    create_account,
    disable_account,
    enable_account,
    reset_password,
)
from services.identity.handlers.signing_in import count_attempt, forget_attempts, sign_in

__all__ = [
    "CreateAccount",
    "DemoAccount",
    "change_password",
    "choose_first_password",
    "choose_language",
    "count_attempt",
    "create_account",
    "create_demo_accounts",
    "demo_description",
    "disable_account",
    "enable_account",
    "forget_attempts",
    "reset_password",
    "sign_in",
    "sign_out_everywhere",
]
