"""A bare store on each database, and the referral service put together: asked over HTTP or through its handlers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.store import Store, service_metadata
from tests.unit.referral.answers import house_on


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    on_file = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'rows.db'}" if on_file else request.getfixturevalue("database_url")
    store = Store("rows", url, service_metadata(), tmp_path)
    store.metadata.create_all(store.engine)
    yield store
    store.dispose()


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
