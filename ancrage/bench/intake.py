"""Made-up referrals, sent in at the intake handler: one commit each."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import TYPE_CHECKING, Any

from ancrage.demonstration import people

if TYPE_CHECKING:
    from chassis.context import Context
    from services.referral.domain import SubmitReferral

BY = "bench"
SENDERS = 4  #: at once, in bulk, as several social workers are


def commands(count: int, seed: int, today: date) -> "list[SubmitReferral]":
    """What the form makes of `count` made-up people; the same ones for the same seed."""
    from services.referral.forms import ReferralForm

    form = ReferralForm(today)
    return [form.load(body) for body in people.made_up(count, seed)]


def send(
    context: "Context", told: "Sequence[SubmitReferral]", rate: float | None, after: Callable[[Any], None]
) -> list[str]:
    """Sends them in, `rate` a second, or as fast as it goes by several at a time as the web sends them; the references.

    `after(unit)` is called behind each commit, in the thread that made it: stock nameko publishes there.
    """
    from services.referral import handlers

    def submit(command: "SubmitReferral") -> str:
        with context.unit() as unit:
            referral = handlers.submit_referral(unit, command, BY)
        after(unit)
        return referral.reference

    if rate:
        return [submit(command) for command in _paced(told, rate)]
    with ThreadPoolExecutor(SENDERS) as senders:
        return list(senders.map(submit, told))


def _paced(told: "Sequence[SubmitReferral]", rate: float) -> "Iterator[SubmitReferral]":
    begun = time.monotonic()
    for number, command in enumerate(told):
        time.sleep(max(0.0, begun + number / rate - time.monotonic()))
        yield command
