"""The evaluation on its own store: enrolled once, asked on the right days, whatever order events come in."""

import itertools
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from contracts.evaluation import EvaluationEnrolled, EvaluationWaveCompleted, EvaluationWaveDue
from contracts.placement import PlacementEnded, PlacementPaused, PlacementPlaced, PlacementResumed, PlacementStarted
from contracts.referral import ReferralConsentWithdrawn, ReferralCostsReported, ReferralErased, ReferralWithdrawn
from services.evaluation import handlers
from services.evaluation.domain import ParticipantNotFound, State, WaveNotOpen
from services.evaluation.service import EvaluationService
from services.evaluation.store import costs, participations, pauses, waves
from tests.happenings import A, B, House, enveloped, happened


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request, tmp_path):
    environ = {}
    if request.param == "postgresql":
        environ["ANCRAGE_EVALUATION_DATABASE_URL"] = request.getfixturevalue("database_url")
    house = House(EvaluationService, tmp_path, environ)
    yield house
    house.context.store.dispose()


def wave_states(house, reference=A):
    mine = participations.c.reference == reference
    query = sa.select(waves.c.code, waves.c.state).join(participations).where(mine)
    with house.context.reading() as session:
        return {code: str(state) for code, state in session.execute(query)}


def state(house, reference=A):
    return next((p.state for p in house.rows(participations) if p.reference == reference), None)


def told(house, kind):
    return [event for event in house.emitted() if isinstance(event, kind)]


def test_the_migrations_make_the_tables_that_the_code_expects(house):
    assert house.differences() == []


def test_a_placement_with_consent_enrols_under_the_pseudonym(house):
    house.take(happened(PlacementPlaced))
    assert house.emitted() == [
        EvaluationEnrolled(reference=A, pseudonym="P-A", consent=True, waves=("t0", "m3", "m6", "m12")),
        EvaluationWaveDue(reference=A, pseudonym="P-A", wave="t0", due_on=date(2026, 11, 23)),
    ]
    assert house.failures() == []


def test_a_placement_without_consent_is_counted_and_nothing_else_kept(house):
    house.take(happened(ReferralCostsReported), happened(PlacementPlaced, evaluation_consent=False))
    house.take(happened(ReferralCostsReported), happened(PlacementStarted), happened(PlacementEnded))
    assert house.emitted() == [EvaluationEnrolled(reference=A, pseudonym="P-A", consent=False, waves=())]
    (row,) = house.rows(participations)
    assert (row.state, row.pseudonym, row.birth_year, row.sex) == (State.REFUSED, None, None, None)
    assert house.rows(waves) == house.rows(costs) == []


def test_a_doubled_placement_enrols_once(house):
    body = enveloped(happened(PlacementPlaced))
    house.take_raw(body, body)
    house.take_raw(body)
    house.take(happened(PlacementPlaced))  # told anew, under another id
    assert len(told(house, EvaluationEnrolled)) == 1
    assert len(house.rows(participations)) == 1


def test_each_event_may_come_twice(house):
    way = [
        happened(PlacementPlaced),
        happened(PlacementStarted),
        happened(PlacementPaused),
        happened(PlacementResumed),
        happened(ReferralCostsReported),
        happened(PlacementEnded),
    ]
    house.take(*way)
    once = [wave_states(house), len(house.rows(pauses)), len(house.rows(costs)), house.emitted()]
    for event in (way[1], way[5]):
        house.take(event)
    assert [wave_states(house), len(house.rows(pauses)), len(house.rows(costs)), house.emitted()] == once
    assert house.failures() == []


#: of placement's placed (0) and ended (1), and referral's withdrawn (2): one publisher's events keep their order
ORDERS = [order for order in itertools.permutations(range(3)) if order.index(0) < order.index(1)]


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_a_withdrawal_stops_everything_in_whatever_order_it_is_heard_of(house, order):
    placed, ended = happened(PlacementPlaced), happened(PlacementEnded, reason="withdrawn")
    events = [placed, ended, happened(ReferralWithdrawn)]
    house.take_one_by_one(*(events[i] for i in order))
    assert state(house) is State.WITHDRAWN
    assert not {"planned", "due"} & set(wave_states(house).values())
    before = told(house, EvaluationWaveDue)
    house.clock.move(days=800)
    handlers.announce_due_waves(house.context)
    assert told(house, EvaluationWaveDue) == before
    assert house.failures() == []


def test_a_placement_that_comes_after_the_withdrawal_enrols_nobody(house):
    house.take(happened(ReferralWithdrawn))
    house.take(happened(PlacementPlaced), happened(PlacementStarted))
    assert house.emitted() == []
    assert [p.pseudonym for p in house.rows(participations)] == [None]


@pytest.mark.parametrize("early", [True, False], ids=["before the placement", "after it"])
def test_a_consent_withdrawn_stops_the_asking_whenever_it_is_heard_of_and_keeps_what_was_answered(house, early):
    placed, withdrawn = happened(PlacementPlaced), happened(ReferralConsentWithdrawn, purpose="evaluation")
    house.take_one_by_one(*([withdrawn, placed] if early else [placed, withdrawn]), withdrawn)
    house.take(happened(PlacementStarted), happened(ReferralCostsReported))
    assert state(house) is State.LEFT
    assert not {"planned", "due"} & set(wave_states(house).values())
    before = told(house, EvaluationWaveDue)
    house.clock.move(days=800)
    handlers.announce_due_waves(house.context)
    assert told(house, EvaluationWaveDue) == before
    assert house.rows(costs) == []
    assert house.failures() == []


def test_costs_reported_before_the_placement_are_kept_only_with_consent(house):
    house.take(happened(ReferralCostsReported), happened(ReferralCostsReported, B, pseudonym="P-B"))
    house.take(happened(PlacementPlaced), happened(PlacementPlaced, B, pseudonym="P-B", evaluation_consent=False))
    assert [(row.pseudonym, row.chf) for row in house.rows(costs)] == [("P-A", 1200)]


def test_costs_reported_again_replace_the_earlier_ones(house):
    house.take(happened(PlacementPlaced), happened(ReferralCostsReported, chf=100))
    house.take(happened(ReferralCostsReported, chf=250), happened(ReferralCostsReported, period="2026-Q3", chf=70))
    assert {row.period: row.chf for row in house.rows(costs)} == {"2026-Q4": 250, "2026-Q3": 70}


def test_a_first_day_of_somebody_unknown_is_kept_as_a_failure(house):
    house.take(happened(PlacementStarted))
    (failure,) = house.failures()
    assert failure.error_type.endswith(ParticipantNotFound.__name__)


def test_an_end_of_somebody_who_only_waited_is_no_failure(house):
    house.take(happened(PlacementEnded, group=None, reason="declined"))
    assert house.failures() == house.emitted() == []


def test_what_is_due_is_told_once_and_again_only_for_the_next_wave(house):
    house.take(happened(PlacementPlaced), happened(PlacementPlaced, B, pseudonym="P-B", starts_on=None))
    for _ in range(3):
        handlers.announce_due_waves(house.context)
    assert {(e.pseudonym, e.wave) for e in told(house, EvaluationWaveDue)} == {("P-A", "t0"), ("P-B", "t0")}
    assert len(told(house, EvaluationWaveDue)) == 2
    house.clock.set(datetime(2027, 2, 28, 22, 59, tzinfo=UTC))  # still 28 February in Switzerland
    handlers.announce_due_waves(house.context)
    assert len(told(house, EvaluationWaveDue)) == 2
    house.clock.move(minutes=1)
    handlers.announce_due_waves(house.context)
    assert told(house, EvaluationWaveDue)[2:] == [
        EvaluationWaveDue(reference=A, pseudonym="P-A", wave="m3", due_on=date(2027, 3, 1))
    ]


def test_many_due_at_once_are_all_told_once(house, monkeypatch):
    monkeypatch.setattr(handlers, "ANNOUNCED_AT_ONCE", 7)
    references = [f"ISA-2026-{n:06d}" for n in range(1, 31)]
    house.take(*(happened(PlacementPlaced, r, pseudonym=f"P-{r}") for r in references))
    handlers.announce_due_waves(house.context)
    assert sorted(event.reference for event in told(house, EvaluationWaveDue)) == references


def test_a_first_day_that_moves_takes_the_open_waves_along(house):
    house.take(happened(PlacementPlaced), happened(PlacementStarted), happened(PlacementStarted, on=date(2026, 12, 10)))
    assert {w.code: w.due_on for w in house.rows(waves)}["m3"] == date(2027, 3, 10)


def test_a_completed_wave_is_told_and_not_completed_again(house):
    house.take(happened(PlacementPlaced))
    (row,) = house.rows(participations)
    with house.context.unit() as unit:
        handlers.complete_wave(unit, row.id, "t0", date(2026, 11, 23))
    assert told(house, EvaluationWaveCompleted) == [EvaluationWaveCompleted(reference=A, pseudonym="P-A", wave="t0")]
    with pytest.raises(WaveNotOpen), house.context.unit() as unit:
        handlers.complete_wave(unit, row.id, "t0", date(2026, 11, 23))
    assert len(told(house, EvaluationWaveCompleted)) == 1


@pytest.mark.parametrize("before", [True, False])
def test_an_erasure_leaves_the_reference_alone_and_nothing_brings_it_back(house, before):
    events = [happened(PlacementPlaced), happened(ReferralCostsReported), happened(ReferralErased)]
    house.take_one_by_one(*(reversed(events) if before else events))
    (row,) = house.rows(participations)
    kept = {name for name, value in row._mapping.items() if value}
    assert kept == {"id", "reference", "version", "state"}
    assert house.rows(waves) == house.rows(costs) == []


def test_a_batch_asks_the_store_for_its_participants_once(house):
    references = [f"ISA-2026-{n:06d}" for n in range(1, 101)]
    statements = []
    sa.event.listen(house.context.store.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    house.take(*(happened(PlacementPlaced, r, pseudonym=f"P-{r}") for r in references))
    asked = [s for s in statements if s.startswith("SELECT") and "FROM participations" in s]
    written = [s for s in statements if s.startswith(("INSERT INTO participations", "INSERT INTO waves"))]
    assert len(asked) == 1
    assert len(written) <= 4
    assert len(house.rows(participations)) == 100
