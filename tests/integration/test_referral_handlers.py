"""The referral service on real stores: commands, and events once, twice, late and in bulk."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from chassis.crypto import Opener
from chassis.migrations import migrate
from contracts.evaluation import EvaluationEnrolled
from contracts.notification import NotificationAcknowledged, NotificationDelivered, NotificationFailed
from contracts.placement import (
    PlacementEnded,
    PlacementOfferDeclined,
    PlacementOffered,
    PlacementOfferExpired,
    PlacementPaused,
    PlacementPlaced,
    PlacementResumed,
    PlacementStarted,
    PlacementWaitlisted,
)
from contracts.referral import ReferralAccepted, ReferralSubmitted, ReferralWithdrawn
from services.referral import handlers
from services.referral.domain import IllegalTransition, PersonHasOpenReferral, ReferralNotFound, WithdrawReferral
from services.referral.queries import Waiting
from services.referral.store import tables
from tests.happenings import enveloped, happened
from tests.unit.referral.answers import AREA, NUMBERS, house_on

DELIVERED = {"partner": "oseo-valais", "channel": "email", "about": "placement.placed.v1"}


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request, tmp_path):
    house = house_on(request.param, request, tmp_path)
    yield house
    house.context.store.dispose()


def withdraw(house, reference, reason="health", areas=(AREA,), note=None):
    return house.do(handlers.withdraw_referral, reference, WithdrawReferral(reason=reason, note=note), areas)


def told(house, kind):
    return [event for event in house.emitted() if isinstance(event, kind)]


OWN = ("referrals", "timeline", "pseudonyms", "reference_numbers", "rules", "drafts", "name_keys", "costs")


def test_the_migrations_make_the_tables_that_the_code_expects(house):
    def is_own(_object, name, kind, _reflected, _compared):
        return kind != "table" or name in OWN

    with house.context.store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_own})
        assert compare_metadata(context, tables.metadata) == []


def test_a_submission_is_stored_with_its_event_and_decided_when_it_is_heard(house):
    reference = house.submit()
    assert house.state(reference) == "submitted"
    assert [type(event) for event in house.emitted()] == [ReferralSubmitted]
    house.decide()
    assert house.state(reference) == "accepted"
    assert [type(event) for event in house.emitted()] == [ReferralSubmitted, ReferralAccepted]
    assert house.failures() == []


def test_references_say_the_year_and_count_on_through_the_years(house):
    assert [house.submit(avs_number=number) for number in NUMBERS[:2]] == ["ISA-2026-000001", "ISA-2026-000002"]
    house.clock.set(datetime(2026, 12, 31, 23, 30, tzinfo=UTC))  # it is 2027 in Switzerland
    assert house.submit(avs_number=NUMBERS[2]) == "ISA-2027-000003"


@pytest.mark.parametrize("house", ["postgresql"], indirect=True)  # SQLite has one writer at a time
def test_nobody_waits_for_the_commit_of_another_to_be_given_a_number(house):
    with house.context.unit() as first, house.context.unit() as second:
        assert first.register("one") != second.register("another")


_AS_BEFORE = (
    "DROP TABLE reference_numbers",
    "CREATE TABLE reference_numbers (year INTEGER PRIMARY KEY, last INTEGER NOT NULL)",
    "INSERT INTO reference_numbers VALUES (2025, 7), (2026, 41)",
    "UPDATE alembic_version SET version_num = '0011_mine'",
)


def test_numbers_go_on_where_the_counter_of_before_stood(house):
    with house.context.store.engine.begin() as connection:
        for statement in _AS_BEFORE:
            connection.exec_driver_sql(statement)
    migrate(house.context.store)
    assert house.submit() == "ISA-2026-000042"


def test_a_person_has_one_open_referral_in_whichever_area(house):
    house.submit()
    with pytest.raises(PersonHasOpenReferral):
        house.submit(cms_area="sierre", commune_bfs="6248")
    assert len(house.emitted()) == 1


def test_of_submissions_of_one_person_at_the_same_moment_one_is_taken(house):
    def attempt(_):
        try:
            return house.submit()
        except PersonHasOpenReferral:
            return None

    with ThreadPoolExecutor(6) as crowd:
        taken = [reference for reference in crowd.map(attempt, range(6)) if reference]
    assert taken == ["ISA-2026-000001"]
    assert len(house.emitted()) == 1


def test_submissions_at_the_same_moment_get_a_number_each(house):
    with ThreadPoolExecutor(4) as crowd:
        references = set(crowd.map(lambda number: house.submit(avs_number=number), NUMBERS))
    assert references == {f"ISA-2026-{n:06d}" for n in range(1, 5)}


def test_a_person_referred_again_keeps_the_pseudonym(house):
    first = house.accepted()
    withdraw(house, first)
    house.accepted()
    old, new = told(house, ReferralAccepted)
    assert old.reference != new.reference
    assert old.pseudonym == new.pseudonym
    assert old.pseudonym.startswith("P-")


def test_two_people_have_two_pseudonyms_that_tell_nothing(house):
    for number in NUMBERS:
        house.accepted(avs_number=number)
    pseudonyms = {event.pseudonym for event in told(house, ReferralAccepted)}
    assert len(pseudonyms) == len(NUMBERS)
    assert all(len(pseudonym) == 12 for pseudonym in pseudonyms)


def test_the_avs_number_is_stored_sealed_and_nowhere_else(house):
    house.accepted()
    stored = "".join(str(row) for table in tables.metadata.sorted_tables for row in house.rows(table))
    assert "1234.5678" not in stored
    assert "12345678" not in stored
    (row,) = house.rows(tables.referrals)
    assert house.context.cipher.open(row.avs_sealed) == NUMBERS[0]
    assert row.person == house.context.hasher.of(NUMBERS[0])


def test_the_contact_is_for_placement_alone(house):
    house.accepted()
    (event,) = told(house, ReferralAccepted)
    contact = Opener(house.context.settings.keys.sealing_private("placement")).open(event.contact)
    assert contact == {
        "family_name": "Délèze",
        "given_name": "Zoé",
        "phone": "+41 79 555 12 34",
        "email": "zoe@mail.example",
        "street": "Rue de la Source 21",
        "postal_code": "1965",
        "locality": "Savièse",
        "language": "fr",
        "availability": "mornings",
        "interests": ["cooking", "music"],
        "constraints": "Genou douloureux.",
        "urgency_reason": "Isolement marqué.",
    }


def test_information_that_was_missing_can_be_given(house):
    reference = house.submit(benefit_expected="unknown")
    house.decide()
    assert house.state(reference) == "information_needed"
    house.correct(reference)
    assert house.state(reference) == "submitted"
    house.decide()
    assert house.state(reference) == "accepted"
    assert [entry[0].split(".")[1] for entry in house.noted(reference)] == [
        "submitted",
        "information_needed",
        "submitted",
        "accepted",
    ]


def test_the_ineligible_may_be_corrected_unless_the_person_was_referred_elsewhere(house):
    reference = house.submit(agrees="no")
    house.decide()
    assert house.state(reference) == "ineligible"
    other = house.submit(cms_area="sierre")
    with pytest.raises(PersonHasOpenReferral):
        house.correct(reference)
    withdraw(house, other, areas=("sierre",))
    house.correct(reference)
    house.decide()
    assert house.state(reference) == "accepted"


def test_only_what_lacks_something_can_be_corrected(house):
    reference = house.accepted()
    with pytest.raises(IllegalTransition):
        house.correct(reference)
    assert house.state(reference) == "accepted"


def test_another_cms_finds_nothing_to_change(house):
    reference = house.accepted()
    with pytest.raises(ReferralNotFound):
        withdraw(house, reference, areas=("sierre",))
    with pytest.raises(ReferralNotFound):
        house.correct(reference, areas=("sierre",))
    with pytest.raises(ReferralNotFound):
        house.story(reference, areas=("sierre",))
    assert house.state(reference) == "accepted"


def test_a_withdrawal_tells_its_code_and_keeps_the_words(house):
    reference = house.accepted()
    withdraw(house, reference, "other", note="Partie à Genève")
    assert told(house, ReferralWithdrawn) == [ReferralWithdrawn(reference=reference, reason="other", cms_area=AREA)]
    assert house.noted(reference)[-1] == ("referral.withdrawn.v1", {"reason": "other", "note": "Partie à Genève"})


def test_what_was_withdrawn_before_it_was_decided_stays_withdrawn(house):
    reference = house.submit()
    withdraw(house, reference)
    house.decide()
    assert house.state(reference) == "withdrawn"
    assert told(house, ReferralAccepted) == []


def test_the_rules_in_force_on_the_day_of_submission_decide(house):
    with house.context.unit() as unit:
        newer = {"version": "2026-2", "valid_from": date(2026, 11, 24), "minimum_age": 18, "reference_age": 65}
        unit.session.execute(sa.insert(tables.rules).values(**newer, open_regions=["sierre"]))
    today = house.accepted()
    house.clock.move(days=1)
    tomorrow = house.accepted(avs_number=NUMBERS[1])
    assert (house.state(today), house.state(tomorrow)) == ("accepted", "ineligible")
    versions = [house.story(each).referral.assessment.rules_version for each in (today, tomorrow)]
    assert versions == ["2016-1", "2026-2"]


def test_where_somebody_stands_in_the_waiting_list_is_where_they_stand_by_now(house):
    def positions():
        return [house.story(each).position for each in (first, second, urgent)]

    first, second = (house.accepted(avs_number=number, urgency="normal") for number in NUMBERS[:2])
    house.clock.move(minutes=1)
    urgent = house.accepted(avs_number=NUMBERS[2], urgency="high")
    elsewhere = house.accepted(avs_number=NUMBERS[3], urgency="high", commune_bfs="6136")
    house.hear(*(happened(PlacementWaitlisted, each, position=1) for each in (first, second, urgent, elsewhere)))
    assert positions() == [2, 3, 1]
    assert house.story(second).waiting == Waiting(urgent=1, earlier=1)
    house.hear(happened(PlacementPlaced, urgent))
    assert positions() == [1, 2, None]
    house.hear(happened(PlacementWaitlisted, first, reason="offer_not_taken"))
    assert positions() == [None, 1, None]
    withdraw(house, second)
    assert positions() == [None, None, None]


WAY = [
    (PlacementWaitlisted, "waitlisted"),
    (PlacementOffered, "offered"),
    (PlacementOfferExpired, "accepted"),
    (PlacementWaitlisted, "waitlisted"),
    (PlacementOffered, "offered"),
    (PlacementOfferDeclined, "accepted"),
    (PlacementPlaced, "placed"),
    (PlacementStarted, "active"),
    (PlacementPaused, "paused"),
    (PlacementResumed, "active"),
    (PlacementEnded, "ended"),
]
_OFFERS = {
    PlacementOfferExpired: {"group": "oseo-sion", "region": "sion"},
    PlacementOfferDeclined: {"group": "oseo-sion", "region": "sion", "reason": "not_now"},
}


def event_of(kind, reference):
    if kind in _OFFERS:
        return kind(reference=reference, **_OFFERS[kind])
    return happened(kind, reference)


def test_the_referral_follows_what_placement_tells(house):
    reference = house.accepted()
    for kind, state in WAY:
        house.hear(event_of(kind, reference))
        assert house.state(reference) == state
    assert [entry[0] for entry in house.noted(reference)[2:]] == [kind.TYPE for kind, _ in WAY]
    assert not any("without_effect" in data for _, data in house.noted(reference))


def test_a_whole_way_may_come_in_one_batch(house):
    reference = house.accepted()
    house.hear(*(event_of(kind, reference) for kind, _ in WAY))
    assert house.state(reference) == "ended"
    assert len(house.noted(reference)) == 2 + len(WAY)


def test_each_event_may_come_twice_at_the_handler_itself(house):
    """The inbox drops doubles; were it to fail, the timeline would still hold each event once."""
    reference = house.accepted()
    for number, (kind, state) in enumerate(WAY):
        event, event_id = event_of(kind, reference), f"event-{number}"
        handle = next(s.handle for s in house.subscriptions if s.event_class is kind)
        for _ in range(2):
            with house.context.unit() as unit:
                unit.cause = house.envelope(event, id=event_id)
                handle(unit, event)
        assert house.state(reference) == state
    assert len(house.noted(reference)) == 2 + len(WAY)


def test_doubled_messages_are_noted_once(house):
    reference = house.accepted()
    body = enveloped(happened(PlacementPlaced, reference))
    house.take_raw(body, body)
    house.take_raw(body)
    assert house.state(reference) == "placed"
    assert len(house.noted(reference)) == 3
    assert house.failures() == []


ORDERS = list(itertools.permutations((PlacementWaitlisted, PlacementPlaced, PlacementStarted, PlacementEnded)))


def test_in_whatever_order_placement_is_heard_nothing_breaks_and_an_end_is_an_end(house):
    for order in ORDERS:
        reference = house.accepted()
        for kind in order:
            house.hear(event_of(kind, reference))
        assert house.state(reference) == "ended"
        assert [entry[0] for entry in house.noted(reference)[2:]] == [kind.TYPE for kind in order]


def test_a_first_day_put_right_during_a_pause_is_taken_over(house):
    reference = house.accepted()
    for kind in (PlacementPlaced, PlacementStarted, PlacementPaused):
        house.hear(happened(kind, reference))
    house.hear(happened(PlacementStarted, reference, on=date(2026, 11, 30)))
    assert house.state(reference) == "paused"
    assert house.story(reference).referral.placement.starts_on == date(2026, 11, 30)


def test_a_place_found_after_the_withdrawal_is_noted_and_changes_nothing(house):
    reference = house.accepted()
    withdraw(house, reference)
    house.hear(happened(PlacementPlaced, reference))
    assert house.state(reference) == "withdrawn"
    assert house.noted(reference)[-1][1]["without_effect"] is True


def test_the_freed_place_of_a_withdrawn_referral_is_noted(house):
    reference = house.accepted()
    house.hear(happened(PlacementPlaced, reference))
    withdraw(house, reference)
    house.hear(happened(PlacementEnded, reference, reason="health"))
    assert house.state(reference) == "withdrawn"
    assert house.noted(reference)[-1] == (
        "placement.ended.v1",
        {"group": "oseo-sion", "on": "2027-04-30", "withdrawn": True},
    )


def test_who_was_told_and_the_evaluation_are_noted_beside_the_referral(house):
    reference = house.accepted()
    house.hear(
        NotificationDelivered(reference=reference, **DELIVERED),
        NotificationFailed(reference=reference, **DELIVERED | {"channel": "webhook"}, cause="unreachable"),
        NotificationAcknowledged(reference=reference, **DELIVERED),
        EvaluationEnrolled(reference=reference, pseudonym="P-A", consent=True, waves=("t0", "m3")),
    )
    assert house.state(reference) == "accepted"
    assert house.noted(reference)[2:] == [
        ("notification.delivered.v1", DELIVERED),
        ("notification.failed.v1", DELIVERED | {"channel": "webhook", "cause": "unreachable"}),
        ("notification.acknowledged.v1", DELIVERED),
        ("evaluation.enrolled.v1", {"consent": True, "waves": ["t0", "m3"]}),
    ]
    last_words = [(entry.type, entry.data["channel"]) for entry in house.story(reference).messages]
    assert last_words == [("notification.acknowledged.v1", "email"), ("notification.failed.v1", "webhook")]


def test_news_of_a_referral_that_does_not_exist_is_kept_and_the_others_go_on(house):
    reference = house.accepted()
    house.take(happened(PlacementPlaced, "ISA-2026-999999"), happened(PlacementPlaced, reference))
    assert house.state(reference) == "placed"
    assert [row.error_type.rpartition(".")[2] for row in house.failures()] == ["ReferralNotFound"]


def statements_of(house, *events):
    bodies, seen = [enveloped(event) for event in events], []
    listen = ("before_cursor_execute", lambda *told: seen.append(told[2].split()[0]))
    sa.event.listen(house.context.store.engine, *listen)
    house.take_raw(*bodies)
    sa.event.remove(house.context.store.engine, *listen)
    assert house.failures() == []
    return seen.count("SELECT")


@pytest.mark.parametrize("kind", [PlacementPlaced, NotificationDelivered])
def test_a_batch_of_many_needs_no_more_queries_than_a_batch_of_one(house, kind):
    references = [house.accepted(avs_number=number) for number in NUMBERS]
    made = [
        NotificationDelivered(reference=each, **DELIVERED) if kind is NotificationDelivered else happened(kind, each)
        for each in references
    ]
    assert statements_of(house, made[0]) == statements_of(house, *made[1:])


def test_deciding_many_needs_no_more_queries_than_deciding_one(house):
    for number in NUMBERS:
        house.submit(avs_number=number)
    submitted = house.emitted()
    assert statements_of(house, submitted[0]) == statements_of(house, *submitted[1:])
    assert len(told(house, ReferralAccepted)) == len(NUMBERS)
