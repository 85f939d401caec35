"""The referral service put together, for tests that ask it over HTTP or through its handlers."""

import pytest

from tests.unit.referral.answers import house_on


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request, tmp_path):
    house = house_on(request.param, request, tmp_path)
    yield house
    house.context.store.dispose()


@pytest.fixture
def small_house(request, tmp_path):
    house = house_on("sqlite", request, tmp_path)
    yield house
    house.context.store.dispose()
