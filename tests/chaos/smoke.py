"""A few real faults on the whole house, as `make chaos` begins. More than a minute, and so not part of `make test`."""

from collections.abc import Iterator

import pytest

from tests.chaos import campaign
from tests.chaos.house import House, opened
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


def _say_nothing(_line: str) -> None:
    pass
