"""The way of one message: claimed, sent, tried again, given up."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.notification import NotificationAcknowledged, NotificationDelivered, NotificationFailed
from services.notification.domain import (
    EMAIL,
    LEASE,
    RETRY_AFTER,
    TRANSITIONS,
    Delivery,
    DeliveryState,
    IllegalTransition,
    Message,
    NotSent,
    NotTried,
    Sent,
    Subject,
)
from tests.happenings import NOW, A

DOWN = NotSent("unreachable", permanent=False, detail="ConnectionRefusedError")
NO_SUCH = NotSent("bad_address", permanent=True, detail="550 No such person")


def message():
    return Message("m1", "oseo-valais", "placement.placed.v1", A, A, {}, NOW)


def delivery():
    return Delivery("d1", message(), EMAIL, next_attempt_at=NOW)


def test_what_was_sent_is_told_once():
    it = delivery()
    it.claim(NOW)
    told = NotificationDelivered(reference=A, partner="oseo-valais", channel=EMAIL, about="placement.placed.v1")
    assert it.settle(Sent(), NOW) == [told]
    assert it.settle(Sent(), NOW) == []
    assert (it.state, it.sent_at, it.next_attempt_at) == (DeliveryState.SENT, NOW, None)


def test_a_claim_runs_out_so_that_nothing_is_lost_with_a_worker():
    it = delivery()
    it.claim(NOW)
    assert (it.state, it.next_attempt_at) == (DeliveryState.SENDING, NOW + LEASE)
    it.claim(NOW + LEASE)
    assert it.attempts == 2


def test_a_passing_trouble_is_tried_again_after_growing_delays_and_then_given_up():
    it, now, waits = delivery(), NOW, []
    while it.state is not DeliveryState.FAILED:
        it.claim(now)
        events = it.settle(DOWN, now)
        if it.next_attempt_at:
            waits.append(it.next_attempt_at - now)
            assert events == []
            now = it.next_attempt_at
    assert tuple(waits) == RETRY_AFTER
    assert waits == sorted(waits)
    assert events == [
        NotificationFailed(
            reference=A, partner="oseo-valais", channel=EMAIL, about="placement.placed.v1", cause="unreachable"
        )
    ]


def test_a_refusal_for_good_is_not_tried_again():
    it = delivery()
    it.claim(NOW)
    (event,) = it.settle(NO_SUCH, NOW)
    assert (it.state, event.cause, it.next_attempt_at) == (DeliveryState.FAILED, "bad_address", None)
    assert it.detail == "550 No such person"


def test_what_there_was_no_time_for_costs_no_attempt():
    it = delivery()
    it.claim(NOW)
    assert it.settle(NotTried(), NOW) == []
    assert (it.state, it.attempts, it.next_attempt_at) == (DeliveryState.QUEUED, 0, NOW)


def test_an_operator_may_have_a_failed_delivery_sent_again():
    it = delivery()
    it.claim(NOW)
    it.settle(NO_SUCH, NOW)
    it.retry(NOW + timedelta(hours=1))
    assert (it.state, it.attempts, it.next_attempt_at) == (DeliveryState.QUEUED, 0, NOW + timedelta(hours=1))


def test_what_was_sent_is_not_sent_again():
    it = delivery()
    it.claim(NOW)
    it.settle(Sent(), NOW)
    with pytest.raises(IllegalTransition):
        it.retry(NOW)
    with pytest.raises(IllegalTransition):
        it.claim(NOW)


OUTCOMES = st.lists(st.sampled_from([Sent(), DOWN, NO_SUCH, NotTried()]), max_size=12)


@given(OUTCOMES)
def test_whatever_the_mail_server_does_one_end_is_told(outcomes):
    it, now, events = delivery(), NOW, []
    for outcome in outcomes:
        if it.state not in TRANSITIONS["claim"]:
            break
        it.claim(now)
        events += it.settle(outcome, now)
        now = it.next_attempt_at or now
    assert len(events) == (it.state in (DeliveryState.SENT, DeliveryState.FAILED))
    assert (it.next_attempt_at is None) == bool(events)


def test_a_message_is_acknowledged_once():
    it = message()
    told = NotificationAcknowledged(reference=A, partner="oseo-valais", channel="inbox", about="placement.placed.v1")
    assert it.acknowledge("person-1", NOW) == [told]
    assert it.acknowledge("person-2", NOW + timedelta(days=1)) == []
    assert (it.acknowledged_by, it.acknowledged_at) == ("person-1", NOW)


def test_a_subject_learns_its_area_once_and_nothing_after_erasure():
    it = Subject(A)
    assert not it.learn(None, "sion")
    assert it.learn("sierre", None)
    assert not it.learn("sierre", "bas-valais")
    assert (it.area, it.region) == ("sierre", "bas-valais")
    it.erase()
    assert not it.learn("sierre", "sion")
    assert (it.area, it.region) == (None, None)
