"""Signing in, and how often it may be tried."""

from typing import TYPE_CHECKING

from services.identity.domain import (
    FORGOTTEN_AFTER,
    FREE_BY_ACCOUNT,
    FREE_BY_ADDRESS,
    FREE_LETTERS,
    Account,
    Kind,
    SignInRefused,
    Throttle,
    TooManyAttempts,
)
from services.identity.store import Unit

if TYPE_CHECKING:
    from services.identity.wiring import IdentityContext


def check_password(context: "IdentityContext", email: str, password: str, address: str) -> Account:
    """The account that e-mail and password open. Raises TooManyAttempts, SignInRefused.

    Three steps, because checking a password takes long and nobody else's writing shall wait for it.
    """
    count_attempt(context, email, address)
    with context.reading() as session:
        known = Unit(context, session).accounts.find(email)
    fits = context.passwords.fits(known.password_hash if known else None, password)
    if known is None or known.is_disabled or not fits:
        _note_refusal(context, known)
        raise SignInRefused
    return _forgive_attempts(context, known.id, password, email, address)


def note_sign_in(context: "IdentityContext", id: str) -> Account:
    """All steps are done: the owner is in. Raises SignInRefused where somebody has disabled the account meanwhile."""
    with context.unit() as unit:
        account = unit.accounts.get(id, lock=True)
        if account.is_disabled:
            raise SignInRefused
        account.note_sign_in(unit.now)
        unit.note("sign_in", account)
    return account


def count_attempt(context: "IdentityContext", email: str, address: str) -> None:
    """Counts an attempt on the account and from the address, before it is known to fail. Raises TooManyAttempts."""
    count(context, {context.account_key(email): FREE_BY_ACCOUNT, context.address_key(address): FREE_BY_ADDRESS})


def ask_for_reset(context: "IdentityContext", email: str, address: str) -> None:
    """Has a link sent to the address, if it is that of an account. Raises TooManyAttempts.

    The same is done for every address, so that neither the answer nor its time tells which ones are known.
    """
    count(context, {context.letter_key(email): FREE_LETTERS, context.letter_key(address): FREE_BY_ADDRESS})
    with context.unit() as unit:
        account = unit.accounts.find(email)
        unit.write_letter(Kind.RESET, account.id if account else None)
        unit.note("ask_for_reset", account)


def count(context: "IdentityContext", free: dict[str, int]) -> None:
    """Counts an attempt for each of these keys, of which so many are free. Raises TooManyAttempts."""
    with context.unit() as unit:
        refusals = [refusal for throttle in unit.throttles.take(free) if (refusal := _attempt(throttle, unit))]
    if refusals:
        raise max(refusals, key=lambda refusal: refusal.until)


def forget_attempts(context: "IdentityContext") -> int:
    """Drops counters that mean nothing any more; returns how many."""
    with context.unit() as unit:
        return unit.throttles.forget(unit.now - FORGOTTEN_AFTER)


def _attempt(throttle: Throttle, unit: Unit) -> TooManyAttempts | None:
    try:
        throttle.attempt(unit.now)
    except TooManyAttempts as refusal:
        return refusal
    return None


def _note_refusal(context: "IdentityContext", known: Account | None) -> None:
    with context.unit() as unit:
        unit.note("sign_in", known, refused=True)


def _forgive_attempts(context: "IdentityContext", id: str, password: str, email: str, address: str) -> Account:
    with context.unit() as unit:
        account = unit.accounts.get(id)
        by_account, by_address = unit.throttles.take({context.account_key(email): 0, context.address_key(address): 0})
        by_account.succeed()
        by_address.forgive()
    if context.passwords.is_outdated(str(account.password_hash)):
        _hash_anew(context, id, password)
    return account


def _hash_anew(context: "IdentityContext", id: str, password: str) -> None:
    """The parameters of hashing have grown since this password was hashed."""
    hashed = context.passwords.hash(password)
    with context.unit() as unit:
        unit.accounts.get(id, lock=True).password_hash = hashed
