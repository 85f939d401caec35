"""What people do with their own account."""

from typing import TYPE_CHECKING

from services.identity.domain import Account, SignInRefused, check_password
from services.identity.store import Unit

if TYPE_CHECKING:
    from services.identity.wiring import IdentityContext


def change_password(context: "IdentityContext", id: str, current: str, new: str) -> Account:
    """Raises SignInRefused where `current` is wrong, PasswordRefused where `new` is not good enough."""
    with context.reading() as session:
        account = Unit(context, session).accounts.get(id)
    if not context.passwords.fits(account.password_hash, current):
        raise SignInRefused
    check_password(new, account.email, account.name)
    hashed = context.passwords.hash(new)
    with context.unit() as unit:
        account = unit.accounts.get(id, lock=True)
        unit.emit(*account.change_password(hashed, unit.now))
    return account


def choose_first_password(context: "IdentityContext", id: str, new: str) -> Account:
    """Replaces an initial password that was typed in correctly just before. Raises PasswordRefused."""
    with context.reading() as session:
        account = Unit(context, session).accounts.get(id)
    check_password(new, account.email, account.name)
    hashed = context.passwords.hash(new)
    with context.unit() as unit:
        account = unit.accounts.get(id, lock=True)
        if not account.password_initial or account.is_disabled:
            raise SignInRefused
        unit.emit(*account.change_password(hashed, unit.now))
        account.note_sign_in(unit.now)
    return account


def sign_out_everywhere(unit: Unit, id: str) -> None:
    """Ends every session of the account, this one too."""
    unit.emit(*unit.accounts.get(id, lock=True).end_sessions(unit.now))


def choose_language(unit: Unit, id: str, language: str) -> None:
    unit.accounts.get(id, lock=True).language = language
