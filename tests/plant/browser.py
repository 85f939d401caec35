"""Debian's Chromium, driven by Playwright."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.plant import needs

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--font-render-hinting=none",  # letters as wide as in a window
    "--disable-dev-shm-usage",  # /dev/shm is small in containers
)


@contextmanager
def chromium() -> Iterator["Browser"]:
    """A browser with a profile of its own that speaks to nobody but the pages under test.

    While it is open, Playwright's event loop counts as running in this thread: no asyncio.run() beside it.
    """
    program = needs.chromium()
    from playwright.sync_api import sync_playwright

    unconfined = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's sandbox refuses root
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*_QUIET, *unconfined])
        yield browser
        browser.close()
