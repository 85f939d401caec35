"""The sites that the browser tests visit, and windows on them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.people import secrets_of
from tests.browser.scenery import change_group, furnish
from tests.browser.site import OSEO, Site, started
from tests.browser.visit import Visit, visiting

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Begin = Callable[..., Visit]


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running system that nobody has been referred to yet, with places enough for all that the tests refer."""
    for site in started(Site(tmp_path_factory.mktemp("site") / "data")):
        with site.clerk(OSEO) as host:
            change_group(host, "oseo-sion", name="OSEO Sion", capacity="60")
        yield site


@pytest.fixture(scope="package")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running system in the middle of its life; `furnished.people` are those it holds, as they were sent."""
    for site in started(Site(tmp_path_factory.mktemp("furnished") / "data")):
        site.people = furnish(site)
        yield site


@pytest.fixture
def visit(browser: "Browser", site: Site) -> Iterator[Begin]:
    """Opens windows: `visit(mailbox, language, javascript=…, about=[bodies of people whom no address may name])`."""
    with ExitStack() as windows:
        yield partial(_open, windows, partial(visiting, browser, site))


def _open(
    windows: ExitStack,
    opening: Callable[..., AbstractContextManager[Visit]],
    *who: Any,
    about: tuple[dict[str, Any], ...] = (),
    **how: Any,
) -> Visit:
    return windows.enter_context(opening(*who, secrets=secrets_of(*about), **how))
