"""What every test may ask for. Each server starts when the first test asks for it, one per test process."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import settings

from tests.plant.browser import chromium
from tests.plant.mail import MailServer
from tests.plant.postgresql import PostgreSQL
from tests.plant.premises import pytest_configure, pytest_sessionfinish  # noqa: F401 - hooks of the whole run
from tests.plant.rabbitmq import RabbitMQ
from tests.plant.server import Server
from tests.plant.undertaker import Undertaker

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# a busy machine is slow, not wrong: no property has a deadline
settings.register_profile("ancrage", deadline=None)
settings.load_profile("ancrage")

_AnyServer = TypeVar("_AnyServer", bound=Server)
_started: list[Server] = []


@pytest.fixture(scope="session")
def undertaker() -> Iterator[Undertaker]:
    """Ends every server and removes every folder at the end, be it orderly or not."""
    undertaker = Undertaker()
    yield undertaker
    undertaker.finish()


@pytest.fixture(scope="session")
def rabbitmq(undertaker: Undertaker) -> RabbitMQ:
    """A broker: `url()` for a fresh virtual host, `ctl(...)`, `stop/start/kill/freeze/thaw`; restored after a test."""
    return _start(RabbitMQ(undertaker))


@pytest.fixture(scope="session")
def postgres(undertaker: Undertaker) -> PostgreSQL:
    """A database server: `database(name)` for the address of a fresh database. Restored after each test."""
    return _start(PostgreSQL(undertaker))


@pytest.fixture
def amqp_url(rabbitmq: RabbitMQ) -> str:
    """A virtual host of the test's own."""
    return rabbitmq.url()


@pytest.fixture
def database_url(postgres: PostgreSQL) -> str:
    """An empty database of the test's own."""
    return postgres.database()


@pytest.fixture
def smtp() -> Iterator[MailServer]:
    """A mail server: `url`, `mails`, `wait_for(count)`, `refuse(answer)`, `stop/start`."""
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Chromium; take `browser.new_context(locale=…, java_script_enabled=…)` or the fixture `page`."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """A page of a fresh visitor who reads French."""
    context = browser.new_context(locale="fr-CH", timezone_id="Europe/Zurich")
    yield context.new_page()
    context.close()


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    yield
    for server in _started:
        server.restore()


def _start(server: _AnyServer) -> _AnyServer:
    server.start()
    _started.append(server)
    return server
