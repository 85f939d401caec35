"""After the whole sample has gone its way, nobody of it is named in any log, address, e-mail, header or event."""

from collections.abc import Iterator

import pytest

from services.identity.handlers.demonstration import _DEMO
from tests.browser.people import secrets_of, spoken_of
from tests.browser.site import started
from tests.plant.rabbitmq import RabbitMQ
from tests.privacy.channels import CHANNELS, PLANTS, SPY
from tests.privacy.life import Life
from tests.privacy.watched import Watched

#: people who work here are named where they did something
STAFF = tuple(name for _mailbox, name, *_rest in _DEMO)


@pytest.fixture(scope="module")
def life(rabbitmq: RabbitMQ, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    for site in started(Watched(tmp_path_factory.mktemp("privacy") / "data", rabbitmq)):
        life = Life(site)
        site.listen(SPY)
        life.live()
        yield life


@pytest.fixture(scope="module")
def secrets(life: Life) -> list[str]:
    """Every name and number of the sample, as people and as programs write it."""
    found = secrets_of(*life.sample)
    assert len(found) > 700
    return found


def named_in(life: Life, channel: str, secrets: list[str]) -> set[str]:
    text = "\n".join(CHANNELS[channel](life))
    for name in STAFF:
        text = text.replace(name, "")
    return set(spoken_of(secrets, text))


def test_everybody_of_the_sample_went_some_way(life: Life) -> None:
    assert len(life.references) > 100
    asked = {answer.request.url.path for answer in life.answers}
    for part in (
        "/check",
        "/contact",
        "/imports/",
        "/corrections",
        "/fhir/",
        "/file",
        "/consent",
        "/costs",
        "/retention/",
    ):
        assert any(part in path for path in asked), part
    assert not [answer for answer in life.answers if answer.status_code >= 500]


@pytest.mark.parametrize("channel", CHANNELS)
def test_nobody_of_the_sample_is_named_in(life: Life, secrets: list[str], channel: str) -> None:
    assert any(CHANNELS[channel](life)), "there is something to be read"
    assert named_in(life, channel, secrets) == set()


@pytest.mark.parametrize("channel", PLANTS)
def test_a_leak_is_found_in(life: Life, secrets: list[str], channel: str) -> None:
    """After all that is clean was looked at: what is planted stays."""
    name = life.sample[7]["family_name"]
    PLANTS[channel](life, name)
    assert name in named_in(life, channel, secrets)
