"""Proof that the ledger can fail: houses built with a fault of design, which real crashes then bring to light.

Not part of `make test`, for they take minutes (each builds a house of its own): `make chaos` runs them.
"""

import pytest

from tests.chaos import campaign
from tests.chaos.house import opened
from tests.plant.postgresql import PostgreSQL
from tests.plant.rabbitmq import RabbitMQ
from tests.plant.undertaker import Undertaker


@pytest.mark.parametrize(
    ("planted", "kinds", "column"),
    [
        ("acknowledge-before-commit", ["crash at consumer.before_commit"] * 4, "lost"),
        ("no-inbox", ["crash at consumer.after_commit"] * 4, "doubled"),
        ("stamp-before-confirm", ["broker hangs and dies"] * 2, "lost"),
    ],
)
def test_a_fault_of_design_is_found(
    rabbitmq: RabbitMQ, postgres: PostgreSQL, undertaker: Undertaker, planted: str, kinds: list[str], column: str
) -> None:
    with opened(rabbitmq, postgres, undertaker, planted) as house:
        report = campaign.run(house, kinds, 10, 1, _say_nothing, rest=8)
    assert getattr(report.ledger, column), report.findings()
    assert not report.passed


def _say_nothing(_line: str) -> None:
    pass
