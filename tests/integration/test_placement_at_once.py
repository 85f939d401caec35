"""Many at once, from several threads with connections of their own: nobody is placed twice, and no seat is."""

import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.orm.exc import StaleDataError

from chassis.store import is_transient
from services.placement import handlers
from services.placement.domain import Group, IllegalTransition, Mode
from services.placement.handlers import GroupSettings
from tests.unit.placement.rooms import Rooms, reference

THREADS = 6


@pytest.fixture(params=["sqlite", "postgresql"])
def rooms(request, tmp_path):
    url = request.getfixturevalue("database_url") if request.param == "postgresql" else None
    rooms = Rooms(tmp_path, url)
    yield rooms
    rooms.check()
    rooms.context.store.dispose()


def at_once(*tasks):
    """Runs tasks in threads that begin together; raises what any of them raised."""
    begin = threading.Barrier(len(tasks))

    def run(task):
        begin.wait()
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return [each.result(60) for each in [pool.submit(run, task) for task in tasks]]


def shares(items, count=THREADS):
    """The items dealt out like cards."""
    return [items[start::count] for start in range(count)]


def teller(rooms, events):
    """Takes events one by one, as a consumer of its own."""
    consumer = rooms.new_consumer()
    envelopes = list(rooms.envelopes(events))
    return lambda: [rooms.take([envelope], consumer) for envelope in envelopes]


def test_forty_accepted_at_once_never_exceed_the_places(rooms):
    at_once(*(teller(rooms, [rooms.accepted(n) for n in share]) for share in shares(range(1, 41))))
    told = Counter(line.split()[0] for line in rooms.told())
    assert told == {"placed": 15, "waitlisted": 25}
    assert rooms.group().placed == 15


def test_acceptances_and_withdrawals_at_once_give_each_freed_place_to_exactly_one(rooms):
    rooms.tell(*(rooms.accepted(n) for n in range(1, 31)))
    news = [rooms.withdrawn(n) for n in range(1, 11)] + [rooms.accepted(n) for n in range(31, 61)]
    random.Random(7).shuffle(news)  # noqa: S311 - an order, not a secret
    at_once(*(teller(rooms, share) for share in shares(news)))
    told = rooms.told(since=30)
    placed = [line for line in told if line.startswith("placed")]
    assert sorted(placed) == sorted(f"placed {n}" for n in range(16, 26)), "ten freed, the ten first served"
    assert len(placed) == len(set(placed)) == 10
    assert Counter(line.split()[0] for line in told) == {"ended": 10, "placed": 10, "waitlisted": 30}


def test_batches_that_cross_regions_in_any_order_wait_for_each_other_but_not_in_a_circle(rooms):
    numbers = iter(range(1, 10_000))
    batches = []
    for seed in range(THREADS):
        regions = ["sion", "bas-valais"] * 10
        random.Random(seed).shuffle(regions)  # noqa: S311 - an order, not a secret
        events = [rooms.accepted(next(numbers), region) for region in regions]
        batches.append(list(rooms.envelopes(events)))
    consumers = [rooms.new_consumer() for _ in batches]
    at_once(*(lambda c=c, b=b: rooms.take(b, c) for c, b in zip(consumers, batches, strict=True)))
    told = Counter(line.split()[0] for line in rooms.told())
    assert told == {"placed": 30, "waitlisted": 90}


def test_the_first_of_a_region_nobody_knew_yet_may_come_twice_at_once(rooms):
    at_once(*(teller(rooms, [rooms.accepted(n, "sierre", "de")]) for n in range(1, THREADS + 1)))
    told = [(event.reference, event.position) for event in rooms.events()]
    before = [sum(other < own for other, _ in told[:place]) for place, (own, _) in enumerate(told)]
    assert [position for _, position in told] == [ahead + 1 for ahead in before], "accepted at the same moment"
    assert len(told) == THREADS


def test_a_new_group_and_a_new_person_at_once_never_miss_each_other(rooms):
    settings = GroupSettings(name="Sierre", capacity=4, is_open=True, mode=Mode.AUTOMATIC, offer_days=7)

    def open_group():
        with rooms.context.unit() as unit:
            handlers.add_group(unit, "oseo-sierre", "sierre", "fr", settings)

    at_once(open_group, *(teller(rooms, [rooms.accepted(n, "sierre")]) for n in range(1, THREADS + 1)))
    assert rooms.group("oseo-sierre").placed == 4


def test_an_answer_and_the_end_of_its_time_at_once_count_once(rooms):
    offer = GroupSettings(name="OSEO Sion", capacity=10, is_open=True, mode=Mode.OFFER, offer_days=1)
    with rooms.context.unit() as unit:
        handlers.change_group(unit, "oseo-sion", offer)
    rooms.tell(*(rooms.accepted(n) for n in range(1, 31)))
    rooms.clock.move(days=2)

    def accept(numbers):
        accepted = 0
        for n in numbers:
            try:
                with rooms.context.unit() as unit:
                    handlers.accept_offer(unit, reference(n))
                accepted += 1
            except IllegalTransition:
                pass  # the schedule was faster
        return accepted

    results = at_once(
        lambda: handlers.expire_offers(rooms.context),
        lambda: handlers.expire_offers(rooms.context),
        *(lambda share=share: accept(share) for share in shares(range(1, 11), 3)),
    )
    told = Counter(line.split()[0] for line in rooms.told(since=30))
    assert told["placed"] == sum(results[2:])
    assert told["placed"] + told["offer_expired"] == 10
    assert told["offered"] == told["offer_expired"], "each place let go is offered once"


def test_pages_and_events_at_once_leave_every_count_right(rooms):
    rooms.tell(*(rooms.accepted(n) for n in range(1, 31)))

    def resize():
        for capacity in (18, 12, 15, 20, 10):
            settings = GroupSettings(
                name="OSEO Sion", capacity=capacity, is_open=capacity != 12, mode=Mode.AUTOMATIC, offer_days=7
            )
            with rooms.context.unit() as unit:
                handlers.change_group(unit, "oseo-sion", settings)

    def start_and_end(numbers):
        for n in numbers:
            try:
                for command, arguments in ((handlers.start, ()), (handlers.end, ("other",))):
                    with rooms.context.unit() as unit:
                        command(unit, reference(n), unit.today, *arguments)
            except IllegalTransition:
                pass  # withdrawn meanwhile

    at_once(
        resize,
        lambda: start_and_end(range(1, 8)),
        lambda: start_and_end(range(5, 12)),
        teller(rooms, [rooms.withdrawn(n) for n in range(3, 15)]),
        teller(rooms, [rooms.accepted(n) for n in range(31, 41)]),
    )
    ended = [line for line in rooms.told() if line.startswith("ended")]
    assert len(ended) == len(set(ended)), "nobody ends twice"
    placed = [line for line in rooms.told() if line.startswith("placed")]
    assert len(placed) == len(set(placed)), "nobody is placed twice"


def test_what_was_decided_on_an_old_state_is_not_written(rooms):
    """Should anybody get past the locks, the version column refuses them, and they may try again."""
    with rooms.context.reading() as session:
        group = session.get(Group, "oseo-sion")
        session.expunge(group)
    rooms.tell(rooms.accepted(1))
    group.placed = 7
    with pytest.raises(StaleDataError) as refused, rooms.context.store.writing() as session:
        session.add(group)
    assert is_transient(refused.value)
