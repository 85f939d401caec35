"""Doing once what may be asked for twice."""

from collections.abc import Callable

from services.referral.domain import Given, KeyUsedOtherwise, Sending
from services.referral.store import Unit


def once(unit: Unit, sending: Sending | None, do: Callable[[Unit], Given]) -> Given:
    """What `do` answers; asked again under the same key, the same answer without doing it. Raises KeyUsedOtherwise.

    The answer commits with what was done. Whatever raises leaves nothing behind, and may be tried again.
    """
    if sending is None:
        return do(unit)
    kept = unit.answers.claim(sending, unit.now)
    if kept is None:
        given = do(unit)
        unit.answers.keep(sending, given)
        return given
    if kept.said != sending.said:
        raise KeyUsedOtherwise(sending.key)
    return kept.given


def forget_answers(unit: Unit) -> int:
    """Drops the answers whose time is over; how many."""
    return unit.answers.forget(unit.now)
