"""Setting a second factor up, asking for its codes, and turning it off."""

from typing import TYPE_CHECKING

from services.identity.domain import (
    FREE_BY_ACCOUNT,
    Account,
    CodeRefused,
    Kind,
    SecondFactor,
    SecondFactorOn,
    SignInRefused,
)
from services.identity.handlers.signing_in import count
from services.identity.store import Unit, codes

if TYPE_CHECKING:
    from services.identity.wiring import IdentityContext


def begin_second_factor(unit: Unit, id: str) -> None:
    """Makes a secret; another one where the first was never confirmed. Raises SecondFactorOn."""
    known = unit.second_factors.find(id, lock=True)
    if known is not None and known.is_on:
        raise SecondFactorOn(id)
    sealed = unit.context.cipher.seal(codes.new_secret())
    if known is None:
        unit.second_factors.add(SecondFactor(id, sealed, unit.now))
    else:
        known.sealed, known.begun_at = sealed, unit.now


def confirm_second_factor(context: "IdentityContext", id: str, code: str) -> list[str]:
    """Turns it on; the recovery codes, which are shown this once. Raises CodeRefused, TooManyAttempts."""
    count(context, {context.code_key(id): FREE_BY_ACCOUNT})
    recovery = codes.new_recovery_codes()
    with context.unit() as unit:
        factor = unit.second_factors.find(id, lock=True)
        if factor is None or factor.is_on:
            raise CodeRefused
        hashes = [context.recovery_key(id, each) for each in recovery]
        factor.confirm(_step(context, unit, factor, code), hashes, unit.now)
        _succeed(unit, id, "second_factor_on")
    return recovery


def check_code(context: "IdentityContext", id: str, code: str) -> Account:
    """The second step of signing in. Raises CodeRefused, TooManyAttempts."""
    count(context, {context.code_key(id): FREE_BY_ACCOUNT})
    plain = "".join(code.split()).casefold()
    try:
        with context.unit() as unit:
            factor = unit.second_factors.find(id, lock=True)
            if factor is None:
                raise CodeRefused
            if plain.isdecimal():
                factor.take(_step(context, unit, factor, plain))
            else:
                factor.take_recovery(context.recovery_key(id, plain))
            return _succeed(unit, id, "second_step")
    except CodeRefused:
        with context.unit() as unit:
            unit.note("second_step", unit.accounts.get(id), refused=True)
        raise


def turn_second_factor_off(context: "IdentityContext", id: str, password: str) -> None:
    """Raises SignInRefused where the password is wrong, TooManyAttempts."""
    count(context, {context.code_key(id): FREE_BY_ACCOUNT})
    with context.reading() as session:
        account = Unit(context, session).accounts.get(id)
    if not context.passwords.fits(account.password_hash, password):
        raise SignInRefused
    with context.unit() as unit:
        unit.second_factors.remove(id)
        unit.write_letter(Kind.SECOND_FACTOR_OFF, id)
        _succeed(unit, id, "second_factor_off")


def reset_second_factor(unit: Unit, id: str, by: str) -> None:
    """An administrator lets somebody in whose device is lost; whoever is signed in signs in again."""
    account = unit.accounts.get(id, lock=True)
    unit.second_factors.remove(id)
    unit.write_letter(Kind.SECOND_FACTOR_OFF, id)
    unit.emit(*account.end_sessions(unit.now))
    unit.note("reset_second_factor", account, by)


def _step(context: "IdentityContext", unit: Unit, factor: SecondFactor, code: str) -> int | None:
    return codes.matching_step(context.cipher.open(factor.sealed), "".join(code.split()), unit.now)


def _succeed(unit: Unit, id: str, action: str) -> Account:
    (attempts,) = unit.throttles.take({unit.context.code_key(id): 0})
    attempts.succeed()
    account = unit.accounts.get(id)
    unit.note(action, account)
    return account
