"""Just after sending, the page waits a moment for the answers that are on their way, and never for long."""

import pytest

from tests.integration.test_referral_pages import Visitor
from tests.unit.referral.answers import house_on


class Pauses(list):
    """What a page's waiting comes to: each pause is noted, and `meanwhile` happens during the third."""

    meanwhile = staticmethod(lambda: None)

    def __call__(self, seconds):
        self.append(seconds)
        if len(self) == 3:
            self.meanwhile()


@pytest.fixture
def pauses():
    return Pauses()


@pytest.fixture
def house(request, tmp_path, pauses):
    house = house_on("sqlite", request, tmp_path, pause=pauses)
    yield house
    house.context.store.dispose()


@pytest.fixture
def visitor(house):
    return Visitor(house)


def test_what_arrives_while_the_page_waits_is_on_it(house, visitor, pauses):
    reference = visitor.refer(social_assistance="no")
    pauses.meanwhile = house.decide
    assert "Non admis" in visitor.open(f"/referrals/{reference}")


def test_the_page_waits_for_about_a_second_and_no_longer(visitor, pauses):
    reference = visitor.refer()
    assert "Le signalement est arrivé." in visitor.open(f"/referrals/{reference}")
    assert sum(pauses) == pytest.approx(1.0)


def test_a_referral_of_a_while_ago_keeps_nobody_waiting(house, visitor, pauses):
    reference = visitor.refer()
    house.clock.move(seconds=2)
    visitor.open(f"/referrals/{reference}")
    assert pauses == []
