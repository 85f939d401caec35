"""All services in one process, on stores of their own and one broker, without threads: nothing happens by itself."""

import importlib
import re
from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import Client, TestResponse

from ancrage import house
from ancrage.site import Site
from chassis.clock import uuid7
from chassis.context import Context
from chassis.settings import Settings
from chassis.testing import FrozenClock, Room, World
from chassis.web import Person
from chassis.worker import schedules, subscriptions
from contracts.site import MOUNTS
from tests.migrated import bring_up


class Together:
    """`settle` lets the services do what they have to; `pass_time` lets their schedules have a turn."""

    def __init__(self, folder: Path, environ: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.clock = FrozenClock()
        self.settings = Settings.read(environ or {}, data=folder, create=True)
        self.contexts: dict[str, Any] = {name: self._wire(name) for name in house.SERVICES}
        for context in self.contexts.values():
            bring_up(context.store)
        self.world = World([self._room(name) for name in house.SERVICES])

    def _wire(self, name: str) -> Context:
        wiring = importlib.import_module(f"services.{name}.wiring")
        more = {"pause": lambda _seconds: None} if name == "referral" else {}
        context: Context = wiring.wire(self.settings, clock=self.clock, **more)
        return context

    def _room(self, name: str) -> Room:
        service = house.worker_class(name)
        return Room(self.contexts[name], list(subscriptions(service)), service.prepare)

    def settle(self) -> None:
        self.world.settle()
        for name in house.SERVICES:
            for schedule, _seconds in schedules(house.worker_class(name)):
                schedule(self.contexts[name])
        self.world.settle()

    def pass_time(self, **delta: float) -> None:
        self.clock.move(**delta)
        self.settle()

    def refer(self, **more: Any) -> tuple[str, dict[str, Any]]:
        """Somebody made up, eligible unless told otherwise: the reference, and what was sent."""
        from tests.browser.people import somebody

        body = somebody(**more)
        return self.submit(body), body

    def submit(self, body: dict[str, Any]) -> str:
        from services.referral import handlers
        from services.referral.domain import local_day
        from services.referral.forms import ReferralForm

        command = ReferralForm(local_day(self.clock.now())).load(body)
        with self.contexts["referral"].unit() as unit:
            return str(handlers.submit_referral(unit, command, "account-1").reference)

    @cached_property
    def apps(self) -> dict[str, Flask]:
        """Every service's pages and API, and the console, which asks them within this process."""
        made = {name: importlib.import_module(f"services.{name}.web").create_app(self.contexts[name])
                for name in house.SERVICES}  # fmt: skip
        console = importlib.import_module("console.wiring").wire(self.settings, made, clock=self.clock)
        return made | {house.CONSOLE: importlib.import_module("console.web").create_app(console)}

    @cached_property
    def site(self) -> Site:
        operations = [(f"/operations/{name}", name) for name in house.SERVICES]
        return Site(self.apps, (*MOUNTS, *operations), otherwise=house.SERVICES[0])

    def visitor(self, person: Person | None) -> "Visitor":
        return Visitor(self, person)

    def close(self) -> None:
        for context in self.contexts.values():
            context.store.dispose()


class Reading(Client):
    """Reads each answer to its end, as a browser does: until then its request is still open, and `g` with it."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        return super().open(*args, **{"buffered": True} | options)


class Visitor:
    """Somebody with a session signed by the site's own key, who sends the CSRF token with each form."""

    def __init__(self, world: Together, person: Person | None, language: str = "fr") -> None:
        self.client = Reading(world.site)
        self.headers = {"Accept-Language": language}
        if person is not None:
            seconds = world.clock.now().timestamp()
            told = {"person": asdict(replace(person, session_id=uuid7())), "began": seconds, "seen": seconds}
            app = world.apps["identity"]
            signer: Any = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
            self.client.set_cookie("ancrage", signer.dumps(told), domain="localhost")

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, headers=self.headers, **options)

    def send(self, path: str, method: str = "POST", **fields: Any) -> TestResponse:
        """Sends a form with the session's CSRF token."""
        token = {"csrf_token": self.token} if self.token else {}
        return self.client.open(path, method=method, data=fields | token, headers=self.headers)

    def under_another_name(self, path: str, host: str) -> TestResponse:
        """As a request that calls the site something else than it is, with the session's cookie."""
        if cookie := self.client.get_cookie("ancrage"):
            self.client.set_cookie("ancrage", cookie.value, domain=host)
        return self.client.get(path, headers=self.headers, base_url=f"http://{host}")

    def post_raw(self, path: str, fields: dict[str, Any], headers: dict[str, str] | None = None) -> TestResponse:
        """Sends a form as it is."""
        return self.client.post(path, data=fields, headers=self.headers | (headers or {}))

    @cached_property
    def token(self) -> str:
        """It stands on any page of the session, that of signing in included; empty where there is none."""
        page = self.client.get("/account/", headers=self.headers, follow_redirects=True)
        found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        return found.group(1) if found else ""
