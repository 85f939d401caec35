"""What notification does when something has happened: decide who is told, write the messages."""

from collections.abc import Iterable, Sequence

from chassis.envelope import Envelope
from contracts.event import Event
from contracts.notification import NotificationFailed
from contracts.referral import ReferralErased
from services.notification.domain import (
    EMAIL,
    INBOX,
    Delivery,
    DeliveryState,
    HeldNews,
    Message,
    News,
    Notice,
    Partner,
    failure_news,
    news_of,
    waits_for_the_area,
    who_is_told,
)
from services.notification.handlers.claiming import keep_at_hand
from services.notification.store import Unit


def load_batch(unit: Unit, events: Sequence[Event]) -> None:
    unit.subjects.load(event.reference for event in events)


def tell(unit: Unit, event: Event) -> None:
    """Writes a message to each partner whom `event` concerns.

    Only referral's events say which CMS a referral belongs to. Where another publisher's comes first, the CMS's part
    of it is held until one of referral's arrives: it must not fail, for that one would wait behind it.
    """
    subject = unit.subjects.get(event.reference)
    found = subject.learn(getattr(event, "cms_area", None), getattr(event, "region", None))
    if subject.erased:
        return
    if found:
        _tell_held(unit, event.reference, subject.area)
    news = news_of(event, subject.area, subject.region)
    if news is not None:
        _tell_of(unit, news)


def forget(unit: Unit, event: ReferralErased) -> None:
    unit.subjects.get(event.reference).erase()
    unit.subjects.release(event.reference)
    unit.messages.forget(event.reference)


def acknowledge(unit: Unit, id: str, codes: Iterable[str], by: str) -> None:
    """Raises MessageNotFound where no partner of `codes` has such a message."""
    message = unit.messages.get(id, codes)
    unit.cause = _cause_of(message)
    unit.emit(*message.acknowledge(by, unit.now))


def retry_delivery(unit: Unit, id: str) -> None:
    """Raises DeliveryNotFound, IllegalTransition."""
    unit.messages.delivery(id).retry(unit.now)


def change_partner(unit: Unit, code: str, email: str | None, language: str, told_of: Sequence[str]) -> None:
    """How the partner is reached from now on, and what it is told of. Raises PartnerNotFound."""
    partner = unit.partners.get(code)
    partner.email, partner.language, partner.told_of = email, language, list(told_of)


def _tell_of(unit: Unit, news: News) -> None:
    if waits_for_the_area(news, unit.partners.all):
        _hold(unit, news)
    for notice in who_is_told(news, unit.partners.all):
        _write(unit, notice)


def _hold(unit: Unit, news: News) -> None:
    held = HeldNews(news.about, news.reference, news.region, dict(news.facts), unit.now)
    if unit.cause is not None:
        held.cause_id, held.correlation_id = unit.cause.id, unit.cause.correlationid
    unit.subjects.hold(held)


def _tell_held(unit: Unit, reference: str, area: str | None) -> None:
    """The others have been told already; these wait for the CMS alone."""
    cause = unit.cause
    for held in unit.subjects.release(reference):
        unit.cause = _cause_of(held)
        news = News(held.about, reference, area, held.region, facts=held.facts)
        for notice in who_is_told(news, [p for p in unit.partners.all if p.area]):
            _write(unit, notice)
    unit.cause = cause


def _write(unit: Unit, notice: Notice) -> None:
    """The message is in the inbox from now on; where the partner has an address, an e-mail follows."""
    delivery = _delivery_of(unit, _message_of(unit, notice), notice.partner)
    unit.messages.add(delivery)
    if delivery.channel == INBOX:
        unit.emit(*delivery.sent(unit.now))
    else:
        keep_at_hand(unit, delivery)


def _message_of(unit: Unit, notice: Notice) -> Message:
    partner, facts = notice.partner.code, dict(notice.facts)
    message = Message(unit.new_id(), partner, notice.about, notice.reference, notice.label, facts, unit.now)
    if unit.cause is not None:
        message.cause_id, message.correlation_id = unit.cause.id, unit.cause.correlationid
    return message


def _delivery_of(unit: Unit, message: Message, partner: Partner) -> Delivery:
    if partner.email is None:
        return Delivery(unit.new_id(), message, INBOX, attempts=1)
    return Delivery(unit.new_id(), message, EMAIL, next_attempt_at=unit.now)


def note_failure(unit: Unit, delivery: Delivery) -> None:
    """Tells those who are told of failures; nobody of a failure to tell of a failure."""
    message = delivery.message
    if delivery.state is not DeliveryState.FAILED or message.about == NotificationFailed.TYPE:
        return
    subject, partner = unit.subjects.get(message.reference), unit.partners.get(message.partner)
    news = failure_news(News(message.about, message.reference, subject.area, subject.region), partner)
    others = [p for p in unit.partners.all if p.code != partner.code]
    if waits_for_the_area(news, others):
        _hold(unit, news)
    for notice in who_is_told(news, others):
        _write(unit, notice)


def because_of(unit: Unit, message: Message) -> None:
    """What `unit` emits from now on belongs to the story of the event that `message` tells of."""
    unit.cause = _cause_of(message)


def _cause_of(told: Message | HeldNews) -> Envelope | None:
    """As much of the envelope of the event that was told as the story needs: its id and its correlation."""
    if told.cause_id is None:
        return None
    at = told.created_at if isinstance(told, Message) else told.held_at
    correlation = told.correlation_id or told.cause_id
    return Envelope(
        id=told.cause_id, source="", type=told.about, subject=told.reference, time=at, correlationid=correlation
    )
