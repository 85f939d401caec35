"""What people do with their own account."""

from typing import TYPE_CHECKING

from chassis.sessions import note_ended
from services.identity.domain import (
    FREE_BY_ACCOUNT,
    Account,
    Kind,
    Link,
    LinkSpent,
    PasswordRefused,
    Purpose,
    SignInRefused,
    Standing,
    check_password,
)
from services.identity.handlers.signing_in import count
from services.identity.store import Unit

if TYPE_CHECKING:
    from services.identity.wiring import IdentityContext


def change_password(context: "IdentityContext", id: str, current: str, new: str) -> Account:
    """Raises PasswordRefused where `new` is not good enough, SignInRefused where `current` is wrong, TooManyAttempts.

    Whoever finds a session open guesses here no faster than at the sign-in: both count the same attempts.
    """
    account = _read(context, id)
    hashed = _hashed(context, account, new)
    count(context, {context.account_key(account.email): FREE_BY_ACCOUNT})
    if not context.passwords.fits(account.password_hash, current):
        raise SignInRefused
    with context.unit() as unit:
        account = unit.accounts.get(id, lock=True)
        _choose(unit, account, hashed)
        _forgive(unit, account)
        unit.write_letter(Kind.PASSWORD_CHANGED, id)
    return account


def choose_first_password(context: "IdentityContext", id: str, new: str) -> Account:
    """Replaces an initial password that was typed in correctly just before. Raises PasswordRefused, SignInRefused."""
    hashed = _hashed(context, _read(context, id), new)
    with context.unit() as unit:
        account = unit.accounts.get(id, lock=True)
        if account.standing is not Standing.INITIAL:
            raise SignInRefused
        _choose(unit, account, hashed)
    return account


def look_at_link(context: "IdentityContext", token: str) -> tuple[Link, Account]:
    """What a link is for, and whose account it opens; it goes on working. Raises LinkSpent."""
    with context.reading() as session:
        unit = Unit(context, session)
        link = unit.links.get(context.link_key(token), unit.now)
        return link, _of_link(unit, link)


def choose_password_by_link(context: "IdentityContext", token: str, new: str) -> Account:
    """The link has done its work, and with it all others of the account. Raises LinkSpent, PasswordRefused."""
    _link, account = look_at_link(context, token)
    hashed = _hashed(context, account, new)
    with context.unit() as unit:
        link = unit.links.get(context.link_key(token), unit.now, lock=True)
        account = _of_link(unit, link, lock=True)
        if link.purpose == Purpose.RESET:
            unit.write_letter(Kind.PASSWORD_CHANGED, account.id)
        _choose(unit, account, hashed)
        _forgive(unit, account)
    return account


def sign_out(unit: Unit, id: str, session_id: str) -> None:
    """Ends this one session of the account, wherever its cookie may have got to."""
    unit.emit(*unit.accounts.get(id).end_session(session_id, unit.now))
    note_ended(unit, session_id, unit.now)


def sign_out_everywhere(unit: Unit, id: str) -> None:
    """Ends every session of the account, this one too."""
    account = unit.accounts.get(id, lock=True)
    unit.emit(*account.end_sessions(unit.now))
    unit.note("sign_out_everywhere", account)


def choose_language(unit: Unit, id: str, language: str) -> None:
    unit.accounts.get(id, lock=True).language = language


def _choose(unit: Unit, account: Account, hashed: str) -> None:
    unit.emit(*account.choose_password(hashed, unit.now))
    unit.links.void(account.id)
    unit.note("choose_password", account)


def _forgive(unit: Unit, account: Account) -> None:
    """Whatever was guessed at the old password counts no more."""
    (attempts,) = unit.throttles.take({unit.context.account_key(account.email): 0})
    attempts.succeed()


def _of_link(unit: Unit, link: Link, *, lock: bool = False) -> Account:
    account = unit.accounts.get(link.account_id, lock=lock)
    if account.is_disabled:
        raise LinkSpent
    return account


def _read(context: "IdentityContext", id: str) -> Account:
    with context.reading() as session:
        return Unit(context, session).accounts.get(id)


def _hashed(context: "IdentityContext", account: Account, new: str) -> str:
    """Raises PasswordRefused."""
    check_password(new, account.email, account.name)
    if context.passwords.is_common(new, [*account.name.split(), account.email]):
        raise PasswordRefused("common")
    return context.passwords.hash(new)
