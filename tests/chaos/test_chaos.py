"""A few real faults on the whole house; `make chaos` does hundreds. Starting ten processes takes most of the time."""

import random
from collections.abc import Iterator

import pytest

from tests.chaos import campaign
from tests.chaos.faults import KINDS
from tests.chaos.house import House, opened
from tests.chaos.plan import SHARES, plan
from tests.plant.postgresql import PostgreSQL
from tests.plant.rabbitmq import RabbitMQ
from tests.plant.undertaker import Undertaker

FEW = (
    "crash point",
    "broker connection cut",
    "crash point",
    "SIGTERM",
    "database refuses",
    "worker killed",
    "disk full",
    "crash point",
    "web killed",
    "database connection cut",
)


@pytest.fixture
def house(rabbitmq: RabbitMQ, postgres: PostgreSQL, undertaker: Undertaker) -> Iterator[House]:
    with opened(rabbitmq, postgres, undertaker) as house:
        yield house


def test_a_few_faults_of_different_kinds_lose_nothing_and_do_nothing_twice(house: House) -> None:
    report = campaign.run(house, FEW, 15, 1, _say_nothing)
    assert report.passed, report.findings()
    assert report.ledger.applied > 100


def test_a_plan_is_the_same_for_a_seed_and_has_every_kind_in_it() -> None:
    first, again, other = (plan(200, random.Random(seed)) for seed in (1, 1, 2))  # noqa: S311 - no secret
    assert first == again != other
    assert len(first) == 200
    assert set(first) == {*SHARES, "poison"} == {kind for kind in KINDS if not kind.startswith("crash at")}
    assert first.count("poison") == 1


def _say_nothing(_line: str) -> None:
    pass
