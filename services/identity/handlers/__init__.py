"""What the identity service does: one function per command."""

from services.identity.handlers.demonstration import DemoAccount, create_demo_accounts, demo_description
from services.identity.handlers.letters import send_due_letters
from services.identity.handlers.own import (
    change_password,
    choose_first_password,
    choose_language,
    choose_password_by_link,
    look_at_link,
    sign_out,
    sign_out_everywhere,
)
from services.identity.handlers.people import (
    change_account,
    create_account,
    disable_account,
    enable_account,
    invite,
    invite_again,
    send_reset_link,
    take_invitation_back,
)
from services.identity.handlers.provider import enter_by_provider
from services.identity.handlers.second_factor import (
    begin_second_factor,
    check_code,
    confirm_second_factor,
    reset_second_factor,
    turn_second_factor_off,
)
from services.identity.handlers.signing_in import (
    ask_for_reset,
    check_password,
    count,
    count_attempt,
    forget_attempts,
    note_sign_in,
)
from services.identity.handlers.tidying import forget_old

__all__ = [
    "DemoAccount",
    "ask_for_reset",
    "begin_second_factor",
    "change_account",
    "change_password",
    "check_code",
    "check_password",
    "choose_first_password",
    "choose_language",
    "choose_password_by_link",
    "confirm_second_factor",
    "count",
    "count_attempt",
    "create_account",
    "create_demo_accounts",
    "demo_description",
    "disable_account",
    "enable_account",
    "enter_by_provider",
    "forget_attempts",
    "forget_old",
    "invite",
    "invite_again",
    "look_at_link",
    "note_sign_in",
    "reset_second_factor",
    "send_due_letters",
    "send_reset_link",
    "sign_out",
    "sign_out_everywhere",
    "take_invitation_back",
    "turn_second_factor_off",
]
