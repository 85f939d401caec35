"""Made-up referrals, sent in at the intake handler: one commit each."""

import time
from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from ancrage.demonstration import people

if TYPE_CHECKING:
    from chassis.context import Context
    from services.referral.domain import SubmitReferral

BY = "bench"


def commands(count: int, seed: int, today: date) -> "list[SubmitReferral]":
    """What the form makes of `count` made-up people; the same ones for the same seed."""
    from services.referral.forms import ReferralForm

    form = ReferralForm(today)
    return [form.load(body) for body in people.made_up(count, seed)]


def send(
    context: "Context", told: "Iterable[SubmitReferral]", rate: float | None, after: Callable[[Any], None]
) -> list[str]:
    """Sends them in, `rate` a second or as fast as it goes; the references given.

    `after(unit)` is called behind each commit: stock nameko publishes there.
    """
    from services.referral import handlers

    begun, references = time.monotonic(), []
    for number, command in enumerate(told):
        if rate:
            time.sleep(max(0.0, begun + number / rate - time.monotonic()))
        with context.unit() as unit:
            referral = handlers.submit_referral(unit, command, BY)
        after(unit)
        references.append(referral.reference)
    return references
