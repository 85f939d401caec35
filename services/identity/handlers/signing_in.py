"""Signing in, and how often it may be tried."""

from typing import TYPE_CHECKING

from services.identity.domain import (
    FORGOTTEN_AFTER,
    FREE_BY_ACCOUNT,
    FREE_BY_ADDRESS,
    Account,
    SignInRefused,
    TooManyAttempts,
)
from services.identity.store import Unit

if TYPE_CHECKING:
    from services.identity.wiring import IdentityContext


def sign_in(context: "IdentityContext", email: str, password: str, address: str) -> Account:
    """The account that e-mail and password open. Raises TooManyAttempts, SignInRefused.

    Three steps, because checking a password takes long and nobody else's writing shall wait for it.
    """
    count_attempt(context, email, address)
    with context.reading() as session:
        known = Unit(context, session).accounts.find(email)
    fits = context.passwords.fits(known.password_hash if known else None, password)
    if known is None or known.is_disabled or not fits:
        raise SignInRefused
    return _note_sign_in(context, known.id, password, email, address)


def count_attempt(context: "IdentityContext", email: str, address: str) -> None:
    """Counts an attempt on the account and from the address, before it is known to fail. Raises TooManyAttempts."""
    free = {context.account_key(email): FREE_BY_ACCOUNT, context.address_key(address): FREE_BY_ADDRESS}
    refusals = []
    with context.unit() as unit:
        for throttle in unit.throttles.take(free):
            try:
                throttle.attempt(unit.now)
            except TooManyAttempts as refusal:
                refusals.append(refusal)
    if refusals:
        raise max(refusals, key=lambda refusal: refusal.until)


def _note_sign_in(context: "IdentityContext", id: str, password: str, email: str, address: str) -> Account:
    outdated = None
    with context.unit() as unit:
        account = unit.accounts.get(id, lock=True)
        account.note_sign_in(unit.now)
        by_account, by_address = unit.throttles.take({context.account_key(email): 0, context.address_key(address): 0})
        by_account.succeed()
        by_address.forgive()
        outdated = context.passwords.is_outdated(account.password_hash)
    if outdated:
        _hash_anew(context, id, password)
    return account


def _hash_anew(context: "IdentityContext", id: str, password: str) -> None:
    """The parameters of hashing have grown since this password was hashed."""
    hashed = context.passwords.hash(password)
    with context.unit() as unit:
        unit.accounts.get(id, lock=True).password_hash = hashed


def forget_attempts(context: "IdentityContext") -> int:
    """Drops counters that mean nothing any more; returns how many."""
    with context.unit() as unit:
        return unit.throttles.forget(unit.now - FORGOTTEN_AFTER)
