"""The running system with people who may sign in: over HTTP where no page is looked at, in a browser where one is."""

import re
from collections.abc import Iterator, Sequence
from email import message_from_bytes, policy
from functools import cached_property
from typing import Any

import httpx
from click.testing import CliRunner
from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from ancrage.commands import administrator
from chassis.mail import PRIVATE
from chassis.settings import Settings
from tests.accounts import link_in
from tests.plant.server import PATIENCE
from tests.system import System

COOKIE = "ancrage"
_DOMAIN = "demo.ancrage.example"

#: who is who among the demonstration accounts
CMS_SION, CMS_MARTIGNY, CMS_VISP = "cms.sion", "cms.martigny", "cms.visp"
HEAD_SION = "direction.sion"
OSEO, HES_SO, SAS, VILLE = "oseo", "hes-so", "sas", "ville.sion"
OPERATOR, ADMINISTRATOR = "operations", "administration"
EVERYBODY = (CMS_SION, HEAD_SION, OSEO, HES_SO, SAS, VILLE, OPERATOR, ADMINISTRATOR)


class Site(System):
    """A system whose demonstration accounts exist; each signs in once, and its cookie is kept."""

    people: Sequence[dict[str, Any]] = ()  #: who was referred, as they were sent
    drafts: dict[str, str]  #: addresses of drafts in several states, by name

    @cached_property
    def password(self) -> str:
        return self.accounts()

    @cached_property
    def settings(self) -> Settings:
        return Settings.read(self.environ, data=self.folder)

    @cached_property
    def _cookies(self) -> dict[str, str]:
        return {}

    def cookie(self, mailbox: str, password: str | None = None) -> str:
        """The session cookie of a demonstration account, or of any account by its whole address."""
        if mailbox not in self._cookies:
            self._cookies[mailbox] = self._sign_in(address_of(mailbox), password or self.password)
        return self._cookies[mailbox]

    def forget(self, mailbox: str) -> None:
        """Whoever comes next signs in anew: the session whose cookie is kept is over, or too old."""
        self._cookies.pop(mailbox, None)

    def aged(self, cookie: str, hours: float) -> str:
        """The same session as if it had been used so much earlier for the last time."""
        session = self.opened(cookie)
        times = {name: session[name] - hours * 3600 for name in ("began", "seen")}
        return str(self._signer.dumps(session | times))

    def opened(self, cookie: str) -> dict[str, Any]:
        """The session that a cookie holds."""
        return dict(self._signer.loads(cookie))

    @cached_property
    def _signer(self) -> Any:
        app = Flask("signing", static_folder=None)
        app.secret_key = self.settings.keys.session
        return SecureCookieSessionInterface().get_signing_serializer(app)

    def _sign_in(self, email: str, password: str) -> str:
        with httpx.Client(base_url=self.url, timeout=PATIENCE) as client:
            typed = {"email": email, "password": password}
            answer = client.post("/account/sign-in", data=typed | token_of(client, "/account/sign-in"))
            assert answer.status_code in (302, 303), answer.text
            return client.cookies[COOKIE]

    def newcomer(self, email: str) -> str:
        """Makes an administrator who has never signed in; the first password."""
        said = [email, "--name", "Éric Produit", "--data", str(self.folder)]
        done = CliRunner().invoke(administrator.command, said, env=self.environ, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return str(done.output.strip())

    def clerk(self, mailbox: str | None) -> "Clerk":
        """Somebody who uses pages without looking at them; None: nobody who is signed in."""
        return Clerk(self.url, self.cookie(mailbox) if mailbox else None)


def link_to(site: Site, email: str) -> str | None:
    """The path of the link in the letter that identity has sent to this address last; None while there is none."""
    letters = sorted((site.folder / "mail" / PRIVATE).glob("*.eml"), key=lambda path: path.stem, reverse=True)
    read = (message_from_bytes(path.read_bytes(), policy=policy.default) for path in letters)
    return next((link_in(letter) for letter in read if letter["To"] == email), None)


class Clerk:
    """Gets pages and sends forms over HTTP, the CSRF token with them."""

    def __init__(self, url: str, cookie: str | None) -> None:
        self.client = httpx.Client(base_url=url, timeout=PATIENCE)
        self.is_somebody = cookie is not None
        if cookie:  # of the site's own domain, so that the site can replace it
            self.client.cookies.set(COOKIE, cookie, domain=httpx.URL(url).host)

    def __enter__(self) -> "Clerk":
        return self

    def __exit__(self, *_error: object) -> None:
        self.client.close()

    @cached_property
    def token(self) -> dict[str, str]:
        """Good for every form of the session: it stands in the sign-out button of each page."""
        return token_of(self.client, "/account/" if self.is_somebody else "/account/sign-in")

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def send(self, path: str, **fields: Any) -> httpx.Response:
        """Sends a form as it stands; fails unless it was taken."""
        answer = self.client.post(path, data=fields | self.token)
        assert answer.status_code == 303, f"{path}: {answer.status_code} {errors_in(answer.text)}"
        return answer

    def links(self, path: str, like: str) -> list[str]:
        """Addresses on a page that match the pattern, in order, each once."""
        return list(dict.fromkeys(re.findall(rf'href="({like})"', self.get(path).text)))


def address_of(mailbox: str) -> str:
    return mailbox if "@" in mailbox else f"{mailbox}@{_DOMAIN}"


def token_of(client: httpx.Client, path: str) -> dict[str, str]:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found, f"no form on {path}"
    return {"csrf_token": found.group(1)}


def errors_in(page: str) -> list[str]:
    found = re.findall(r'govuk-error-message">(.*?)</p>', page, re.S)
    return [re.sub(r"<.*?>|\s+", " ", each).strip() for each in found]


def started(site: Site) -> Iterator[Site]:
    """The site while it runs; ended in order afterwards."""
    try:
        site.up()
        assert site.password
        yield site
    finally:
        assert site.down() == 0
