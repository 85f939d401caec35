"""One window of a browser on the site, and all that must never happen in it."""

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus, urlsplit

from tests.browser.site import COOKIE, Site
from tests.plant.server import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Response

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 320, "height": 640}
#: the button that sends the page's own form
SEND = "main form button[type=submit]:visible"


@dataclass
class Watch:
    """What a window asked for and complained of."""

    addresses: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    foreseen: set[int] = field(default_factory=set)  #: answers of 500 and more that are what is looked at

    def attach(self, context: "BrowserContext") -> None:
        context.on("request", lambda request: self.addresses.append(request.url))
        context.on("response", self._note_answer)
        context.on("weberror", lambda error: self.troubles.append(str(error.error)))
        context.on("console", lambda said: self._note_console(said.type, said.text))

    def _note_answer(self, response: "Response") -> None:
        if response.status >= 500 and response.status not in self.foreseen:
            self.troubles.append(f"{response.status} at {response.url}")

    def _note_console(self, kind: str, text: str) -> None:
        # that a page answered 422 or 404 is what some tests are about
        if kind in ("error", "warning") and "Failed to load resource" not in text:
            self.troubles.append(text)


@dataclass
class Visit:
    """A page of the site, in the language it is read in."""

    page: "Page"
    site: Site
    language: str
    watch: Watch

    def open(self, path: str) -> "Visit":
        self.page.goto(self.site.url + path)
        return self

    def follow(self, selector: str) -> "Visit":
        """Goes where the first such link leads, or sends the form of the first such button."""
        with arriving(self.page):
            self.page.locator(selector).first.click()
        return self

    def press(self, key: str) -> "Visit":
        """Goes where this key leads from what the keyboard is at."""
        with arriving(self.page):
            self.page.keyboard.press(key)
        return self

    def send(self) -> "Visit":
        return self.follow(SEND)

    def fill(self, **fields: Any) -> "Visit":
        """Types, chooses and ticks, each field as it wants to be."""
        for name, value in fields.items():
            for each in value if isinstance(value, list) else [value]:
                self._fill(name, str(each))
        return self

    def _fill(self, name: str, value: str) -> None:
        found = self.page.locator(f'main [name="{name}"]:not([type=hidden])')
        kind = found.first.evaluate("e => e.type")
        if kind in ("radio", "checkbox"):
            self.page.locator(f'main [name="{name}"][value="{value}"]').check()
        elif kind == "select-one":
            found.select_option(value)
        else:
            found.fill(value)

    def typed(self) -> dict[str, Any]:
        """Every field of the page's form with what stands in it now."""
        return dict(self.page.evaluate(_TYPED))

    def heading(self) -> str:
        return self.page.locator("h1").inner_text()

    def text(self) -> str:
        """What the page's main part says, its spaces as one."""
        return re.sub(r"\s+", " ", self.page.locator("main").inner_text())

    def path(self) -> str:
        return urlsplit(self.page.url).path

    def errors(self) -> list[str]:
        """The sentences beside the fields."""
        said = self._all(".govuk-error-message")
        return [re.sub(r"\s+", " ", each).split(":", 1)[1].strip() for each in said]  # after the word for error

    def timeline(self) -> list[str]:
        """What happened, in order."""
        return [re.sub(r"\s+", " ", each) for each in self._all(".ancrage-timeline__title")]

    def tags(self) -> list[str]:
        return self._all("main .govuk-tag")

    def rows(self, table: int = 0) -> list[list[str]]:
        """The cells of a table's body."""
        found: list[list[str]] = self.page.evaluate(_ROWS, table)
        return found

    def _all(self, selector: str) -> list[str]:
        return [text.strip() for text in self.page.locator(selector).all_inner_texts()]


_ROWS = """table => [...(document.querySelectorAll('main table')[table]?.tBodies[0].rows ?? [])].map(
  row => [...row.cells].map(cell => cell.innerText.trim()))"""

_TYPED = """() => {
  const typed = {}
  for (const e of document.querySelectorAll('main form :is(input, select, textarea)')) {
    if (!e.name || ['hidden', 'submit'].includes(e.type)) continue
    if (['radio', 'checkbox'].includes(e.type)) {
      typed[e.name] = typed[e.name] || []
      if (e.checked) typed[e.name].push(e.value)
    } else typed[e.name] = e.value
  }
  return typed
}"""


def arriving(page: "Page") -> AbstractContextManager[Any]:
    """Until the next page is there. A new address alone is none: a form that saves itself changes that of its page."""
    return page.expect_event("load")


@contextmanager
def visiting(
    browser: "Browser",
    site: Site,
    mailbox: str | None = None,
    language: str = "fr",
    *,
    javascript: bool = True,
    secrets: Sequence[str] = (),
) -> Iterator[Visit]:
    """A window of its own. Fails at its end where an address held a secret, or a page or script complained."""
    context = browser.new_context(
        locale=f"{language}-CH", timezone_id="Europe/Zurich", java_script_enabled=javascript, viewport=DESKTOP
    )
    context.set_default_timeout(PATIENCE * 1000)
    watch = Watch()
    watch.attach(context)
    if mailbox is not None:
        context.add_cookies([{"name": COOKIE, "value": site.cookie(mailbox), "url": site.url}])
        context.request.get(f"{site.url}/account/?lang={language}", fail_on_status_code=True)
    yield Visit(context.new_page(), site, language, watch)
    context.close()
    assert watch.troubles == []
    assert [each for each in map(unquote_plus, watch.addresses) for secret in secrets if secret in each] == []
