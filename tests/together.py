"""All services in one process, on stores of their own and one broker, without threads: nothing happens by itself."""

import importlib
from pathlib import Path
from typing import Any

from ancrage import house
from chassis.context import Context
from chassis.migrations import migrate
from chassis.settings import Settings
from chassis.testing import FrozenClock, Room, World
from chassis.worker import schedules, subscriptions


class Together:
    """`settle` lets the services do what they have to; `pass_time` lets their schedules have a turn."""

    def __init__(self, folder: Path, environ: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.clock = FrozenClock()
        self.settings = Settings.read(environ or {}, data=folder, create=True)
        self.contexts: dict[str, Any] = {name: self._wire(name) for name in house.SERVICES}
        for context in self.contexts.values():
            migrate(context.store)
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
            for schedule in schedules(house.worker_class(name)):
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

    def close(self) -> None:
        for context in self.contexts.values():
            context.store.dispose()
