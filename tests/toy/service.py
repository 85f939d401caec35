"""The toy services as nameko runs them. `python -m tests.toy.service ping pong` is a worker process."""

import os
import sys
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from chassis import logs
from chassis.context import Context
from chassis.settings import Settings
from chassis.store import Store
from chassis.worker import Service, every, on, run_workers
from tests.toy import Pinged, Ponged, do, metadata


def _wire(name: str) -> Any:
    def wire(settings: Settings) -> Context:
        store = Store(name, settings.database_url(name), metadata, Path(__file__).parent / "migrations")
        return Context(name=name, settings=settings, store=store)

    return staticmethod(wire)


class PingService(Service):
    name = "ping"
    wire = _wire("ping")

    @on(Ponged)
    def note_pong(self, unit: Any, event: Ponged) -> None:
        do(unit, event, "pong")

    @every(seconds=0.2)
    def tick(self, context: Context) -> None:
        with context.unit() as unit:
            do(unit, Pinged("tick"), "tick")


class PongService(Service):
    name = "pong"
    wire = _wire("pong")

    @on(Pinged)
    def answer(self, unit: Any, event: Pinged) -> None:
        if event.number == 666:
            os._exit(9)  # a message that kills the process
        if event.number == 777:
            time.sleep(1)  # slow, inside a transaction
        if event.number == 888:
            unit.session.execute(sa.text("SELECT pg_sleep(6)"))
        do(unit, event, "ping")
        unit.emit(Ponged(event.reference, event.number))


if __name__ == "__main__":
    logs.configure()
    services = {"ping": PingService, "pong": PongService}
    run_workers([services[name] for name in sys.argv[1:]], Settings.read(create=True))
