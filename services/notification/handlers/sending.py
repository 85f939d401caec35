"""Sending e-mails: claim in one short transaction, speak with the mail server outside any, note what came of it.

Most are claimed with the commit that writes them (claiming.py); what is due for another reason is looked for.
"""

import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import structlog

from chassis.context import Context
from chassis.mail import BAD_ADDRESS, Letter, OpenPost, Refusal
from services.notification.domain import Delivery, DeliveryState, NotSent, NotTried, Outcome, Sent
from services.notification.handlers import telling
from services.notification.handlers.claiming import claimed
from services.notification.queries import is_mail_due
from services.notification.store import Unit

if TYPE_CHECKING:
    from services.notification.wiring import NotificationContext

log = structlog.get_logger(__name__)

BATCH = 100  #: e-mails claimed at once and sent over one connection
BATCHES = 20  #: in one go; then whoever wants to stop us gets a word in
#: no letter is begun after so long: the whole batch must be settled well before its claim runs out (domain.LEASE)
BUDGET_S = 30.0


def send_at_hand(context: "NotificationContext", open_post: OpenPost) -> None:
    """Sends what this process's commits have left at hand."""
    while letters := _taken(context.at_hand, BATCH):
        _settle(context, _send(letters, open_post, context, BUDGET_S))


def _taken(waiting: "deque[Letter]", count: int) -> list[Letter]:
    return [waiting.popleft() for _ in range(min(count, len(waiting)))]


def send_due_mail(context: Context, open_post: OpenPost, batch: int = BATCH, budget: float = BUDGET_S) -> None:
    """Sends what is due, batch by batch, until little is left or the mail server has had enough."""
    for _ in range(BATCHES):
        if not _is_due(context):
            return
        letters = _claim(context, batch)
        outcomes = _send(letters, open_post, context, budget)
        _settle(context, outcomes)
        if len(letters) < batch or not all(isinstance(outcome, Sent) for outcome in outcomes.values()):
            return


def _is_due(context: Context) -> bool:
    # a look that takes no write lock: most of the time there is nothing
    with context.reading() as session:
        return is_mail_due(session, context.clock.now())


def _claim(context: Context, batch: int) -> list[Letter]:
    with context.unit() as unit:
        return [claimed(unit, delivery) for delivery in unit.messages.due(unit.now, batch)]


def _send(letters: Sequence[Letter], open_post: OpenPost, context: Context, budget: float) -> dict[str, Outcome]:
    until = time.monotonic() + budget
    outcomes: dict[str, Outcome] = {}
    with open_post() as post:
        for letter in letters:
            if not letter.to:
                outcomes[letter.id] = NotSent(BAD_ADDRESS, permanent=True, detail="no address")
            elif time.monotonic() > until:
                outcomes[letter.id] = NotTried()
            else:
                outcomes[letter.id] = outcome_of(post.send(letter, context.clock.now()))
    return outcomes


def outcome_of(refusal: Refusal | None) -> Outcome:
    return NotSent(refusal.cause, refusal.permanent, refusal.detail) if refusal else Sent()


def _settle(context: Context, outcomes: Mapping[str, Outcome]) -> None:
    with context.unit() as unit:
        found = unit.messages.deliveries(outcomes)
        unit.subjects.load(d.message.reference for d in found.values() if isinstance(outcomes[d.id], NotSent))
        for id, delivery in found.items():
            _settle_one(unit, delivery, outcomes[id])
    came = Counter(type(outcome).__name__ for outcome in outcomes.values())
    log.info("mail", service=context.name, sent=came["Sent"], not_sent=came["NotSent"], not_tried=came["NotTried"])


def _settle_one(unit: Unit, delivery: Delivery, outcome: Outcome) -> None:
    telling.because_of(unit, delivery.message)
    events = delivery.settle(outcome, unit.now)
    unit.emit(*events)
    if events and delivery.state is DeliveryState.FAILED:
        telling.note_failure(unit, delivery)
