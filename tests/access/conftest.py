"""One site with people in every standing, for both tables."""

from collections.abc import Iterator

import pytest

from ancrage import house
from tests.access.scene import Scene
from tests.access.visitors import Asking, everybody
from tests.together import Together


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    world = Together(tmp_path_factory.mktemp("access"))
    yield Scene(world)
    world.close()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def either_scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A site of its own on each kind of database."""
    environ = {}
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        environ = {f"ANCRAGE_{name.upper()}_DATABASE_URL": server.database(name) for name in house.SERVICES}
    world = Together(tmp_path_factory.mktemp("access"), environ)
    yield Scene(world)
    world.close()


@pytest.fixture
def visitors(scene: Scene) -> dict[str, Asking]:
    """Everybody, signed in anew: the last test may have signed them out."""
    scene.world.clock.move(seconds=10)
    return everybody(scene.world)
