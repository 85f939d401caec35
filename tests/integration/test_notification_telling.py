"""Notification on its own store: one message to each whom it concerns, whatever order events come in."""

import itertools
import json

import pytest
import sqlalchemy as sa

from chassis.mail import Refusal
from contracts.evaluation import EvaluationEnrolled, EvaluationWaveDue
from contracts.notification import NotificationAcknowledged, NotificationDelivered, NotificationFailed
from contracts.placement import PlacementEnded, PlacementPlaced, PlacementStarted, PlacementWaitlisted
from contracts.referral import ReferralAccepted, ReferralErased, ReferralRejected, ReferralSubmitted, ReferralWithdrawn
from services.notification import handlers
from services.notification.domain import MessageNotFound
from services.notification.service import NotificationService
from services.notification.store import deliveries, held_news, messages, partners, subjects
from tests.happenings import AREA, A, B, House, enveloped, happened

CMS = f"cms-{AREA}"


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request, tmp_path):
    environ = {}
    if request.param == "postgresql":
        environ["ANCRAGE_NOTIFICATION_DATABASE_URL"] = request.getfixturevalue("database_url")
    house = House(NotificationService, tmp_path, environ)
    yield house
    house.context.store.dispose()


def told(house):
    """(partner, what about) of each message."""
    return sorted((m.partner, m.about.split(".")[1]) for m in house.rows(messages))


def without_addresses(house):
    with house.context.unit() as unit:
        unit.session.execute(sa.update(partners).values(email=None))


def test_the_migrations_make_the_tables_that_the_code_expects(house):
    assert house.differences() == []


def test_a_message_is_in_the_inbox_at_once_and_an_email_is_queued(house):
    house.take(happened(ReferralSubmitted), happened(PlacementPlaced))
    assert told(house) == [(CMS, "placed"), ("oseo-valais", "placed"), ("sas", "placed"), ("ville-de-sion", "placed")]
    assert {(d.channel, str(d.state)) for d in house.rows(deliveries)} == {("email", "queued")}
    assert house.emitted() == []


def test_where_there_is_no_address_the_inbox_is_the_delivery(house):
    without_addresses(house)
    house.take(happened(ReferralRejected))
    assert house.emitted() == [
        NotificationDelivered(reference=A, partner=CMS, channel="inbox", about=ReferralRejected.TYPE)
    ]
    assert [(d.channel, str(d.state)) for d in house.rows(deliveries)] == [("inbox", "sent")]


def test_a_doubled_event_tells_once(house):
    bodies = [enveloped(happened(ReferralSubmitted)), enveloped(happened(PlacementPlaced))]
    house.take_raw(*bodies, *bodies)
    house.take_raw(*bodies)
    assert len(told(house)) == 4


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=str)
def test_publishers_may_overtake_each_other(house, order):
    one = [happened(ReferralSubmitted), happened(ReferralAccepted), happened(PlacementPlaced)]
    one.append(happened(EvaluationEnrolled))
    house.take_one_by_one(*(one[i] for i in order))
    assert told(house) == [
        (CMS, "placed"),
        ("hes-so", "enrolled"),
        ("oseo-valais", "placed"),
        ("sas", "placed"),
        ("ville-de-sion", "placed"),
    ]
    assert house.rows(held_news) == house.failures() == []


def test_news_for_the_cms_waits_until_it_is_known_which_and_keeps_its_order(house):
    without_addresses(house)
    way = [happened(PlacementWaitlisted), happened(PlacementPlaced), happened(PlacementStarted)]
    house.take(*way[:2])
    house.take(way[2])
    assert [m.partner for m in house.rows(messages) if m.partner.startswith("cms")] == []
    assert len(house.rows(held_news)) == 3
    house.take(happened(ReferralAccepted))
    assert [e.about for e in house.emitted() if e.partner == CMS] == [event.TYPE for event in way]
    assert house.rows(held_news) == house.failures() == []


def test_news_held_back_in_a_batch_is_released_in_the_same_batch(house):
    house.take(happened(PlacementPlaced), happened(ReferralSubmitted))
    assert (CMS, "placed") in told(house)
    assert house.rows(held_news) == []


def test_what_is_held_back_holds_nothing_about_the_person(house):
    house.take(happened(PlacementPlaced, pseudonym="P-SECRET", birth_year=1931))
    (held,) = house.rows(held_news)
    assert "P-SECRET" not in json.dumps(dict(held._mapping), default=str)
    assert "1931" not in json.dumps(held.facts)


def test_messages_belong_to_the_story_of_what_they_tell(house):
    without_addresses(house)
    late, early = enveloped(happened(ReferralSubmitted), "c-2"), enveloped(happened(PlacementStarted), "c-1")
    house.take_raw(early)
    house.take_raw(late)
    (delivered,) = house.envelopes()
    assert (delivered.correlationid, delivered.causationid) == ("c-1", "c-1")


def test_an_erasure_takes_messages_deliveries_and_what_is_held_back(house):
    house.take(happened(PlacementStarted, B), happened(ReferralSubmitted), happened(PlacementPlaced))
    house.take(happened(ReferralErased), happened(ReferralErased, B))
    house.take(happened(PlacementEnded), happened(ReferralWithdrawn), happened(EvaluationWaveDue))
    house.take(happened(ReferralSubmitted, B))
    assert house.rows(messages) == house.rows(deliveries) == house.rows(held_news) == []
    assert {(s.reference, s.area, s.region, s.erased) for s in house.rows(subjects)} == {
        (A, None, None, True),
        (B, None, None, True),
    }


def test_reading_is_told_once_and_only_by_whom_it_is_for(house):
    house.take(happened(ReferralRejected))
    (message,) = house.rows(messages)
    with pytest.raises(MessageNotFound), house.context.unit() as unit:
        handlers.acknowledge(unit, message.id, ["cms-sierre", "oseo-valais"], "somebody")
    for _ in range(2):
        with house.context.unit() as unit:
            handlers.acknowledge(unit, message.id, [CMS], "somebody")
    assert house.emitted() == [
        NotificationAcknowledged(reference=A, partner=CMS, channel="inbox", about=ReferralRejected.TYPE)
    ]
    assert house.envelopes()[0].causationid == message.cause_id


class Refusing:
    """A post whose mail server refuses the addresses of some partners for good."""

    def __init__(self, *codes):
        self.codes = codes
        self.sent = []

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def send(self, letter, now):
        if any(letter.to.endswith(f"@{code}.example") for code in self.codes):
            return Refusal("bad_address", permanent=True, detail="550 No such person")
        self.sent.append(letter)
        return None


def send(house, post):
    handlers.send_due_mail(house.context, lambda: post)


def test_a_failure_to_deliver_is_told_to_the_cms_of_the_referral(house):
    house.take(happened(ReferralSubmitted), happened(PlacementPlaced))
    send(house, Refusing("oseo-valais"))
    (failed,) = [e for e in house.emitted() if isinstance(e, NotificationFailed)]
    assert (failed.partner, failed.cause, failed.about) == ("oseo-valais", "bad_address", PlacementPlaced.TYPE)
    (message,) = [m for m in house.rows(messages) if m.about == NotificationFailed.TYPE]
    assert (message.partner, message.label, message.facts) == (CMS, A, {"partner": "OSEO Valais"})


def test_a_failure_to_tell_of_a_failure_is_not_told_on_and_on(house):
    house.take(happened(ReferralSubmitted), happened(PlacementPlaced))
    for _ in range(3):
        send(house, Refusing("oseo-valais", CMS))
    assert [(m.partner) for m in house.rows(messages) if m.about == NotificationFailed.TYPE] == [CMS]
    failed = [(e.partner, e.about) for e in house.emitted() if isinstance(e, NotificationFailed)]
    assert sorted(failed) == [
        (CMS, NotificationFailed.TYPE),
        (CMS, PlacementPlaced.TYPE),
        ("oseo-valais", PlacementPlaced.TYPE),
    ]


def test_a_failure_heard_of_before_the_area_is_held_back_like_any_news(house):
    house.take(happened(PlacementPlaced))
    send(house, Refusing("oseo-valais"))
    house.take(happened(ReferralSubmitted))
    assert {m.about for m in house.rows(messages) if m.partner == CMS} == {
        PlacementPlaced.TYPE,
        NotificationFailed.TYPE,
    }


def test_a_batch_asks_the_store_little_and_writes_many_rows_at_once(house):
    references = [f"ISA-2026-{n:06d}" for n in range(1, 51)]
    events = [happened(kind, r) for r in references for kind in (ReferralSubmitted, PlacementPlaced)]
    statements = []
    sa.event.listen(house.context.store.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    house.take(*events)
    ours = [s for s in statements if any(f" {t} " in s or f" {t}." in s for t in ("partners", "subjects", "messages"))]
    ours += [s for s in statements if " deliveries " in s or " held_news " in s]
    assert len(told(house)) == 200
    assert len(ours) <= 12, ours


def test_of_somebody_who_is_erased_in_the_same_batch_no_message_is_left(house):
    house.take(happened(ReferralSubmitted), happened(PlacementPlaced), happened(ReferralErased))
    assert house.rows(messages) == house.rows(deliveries) == house.emitted() == []
