"""The whole house on real parts: broker, database server, a worker and a web process for each service."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import httpx
import psycopg

from ancrage import house as rooms
from ancrage import tokens
from ancrage.launcher import accounts
from chassis import operations
from chassis.context import Context
from chassis.settings import Settings
from tests.chaos.child import PLANTED
from tests.chaos.orders import FOLDER, Orders
from tests.chaos.processes import Process, Supervisor
from tests.chaos.wire import Wire, Wires
from tests.plant.postgresql import PostgreSQL
from tests.plant.rabbitmq import RabbitMQ
from tests.plant.server import free_port, wait_until
from tests.plant.undertaker import Undertaker

#: the store that lives on a disk of its own, small enough to be filled
CRAMPED = "placement"
_DISK = "160m"


@dataclass
class House:
    """All of it. `contexts` are for the harness itself and go past the wires."""

    rabbitmq: RabbitMQ
    postgres: PostgreSQL
    undertaker: Undertaker
    folder: Path
    settings: Settings
    to_broker: dict[str, Wire]
    to_store: dict[str, Wire]
    processes: dict[str, Process]
    ports: dict[str, int]
    disk: Path | None
    supervisor: Supervisor

    def url(self, service: str) -> str:
        return f"http://127.0.0.1:{self.ports[service]}"

    @cached_property
    def contexts(self) -> dict[str, Context]:
        return rooms.contexts(rooms.SERVICES, self.settings)

    def token(self) -> str:
        return tokens.issue(self.settings, "all", 30)

    def password(self) -> str:
        accounts.create(self.settings)
        return str(rooms.wire("identity", self.settings).demo_password)  # type: ignore[attr-defined]

    def ready(self) -> bool:
        """Every worker relays and consumes, every page answers."""
        return all(map(self._is_served, rooms.SERVICES)) and all(
            operations.status(context)["ready"] for context in self.contexts.values()
        )

    def _is_served(self, service: str) -> bool:
        try:
            return httpx.get(f"{self.url(service)}/assets/MANIFEST.json", timeout=5).status_code < 500
        except httpx.HTTPError:
            return False

    def fill_disk(self) -> None:
        """Leaves no byte free where the cramped store lives."""
        assert self.disk is not None
        with (self.disk / "filler").open("wb") as filler:
            try:
                while filler.write(b"\0" * 262144):
                    filler.flush()
            except OSError:
                return  # full

    def free_disk(self) -> None:
        if self.disk is not None:
            (self.disk / "filler").unlink(missing_ok=True)

    def heal(self) -> None:
        """Everything works again, whatever had been done to it."""
        for wire in (*self.to_broker.values(), *self.to_store.values()):
            wire.mend()
        for process in self.processes.values():
            process.orders.disarm()
            process.orders.shift_clock(0)
            process.thaw()
        self.free_disk()
        bring_back(self.rabbitmq)
        bring_back(self.postgres)
        self.rabbitmq.ctl("set_vm_memory_high_watermark", "absolute", "1GB")


def bring_back(server: RabbitMQ | PostgreSQL, patience: float = 60) -> None:
    """Thaws or starts it; a server killed a moment ago may find its own remains in the way at first."""
    until = time.monotonic() + patience
    while True:
        try:
            return server.restore()
        except RuntimeError:
            if time.monotonic() > until:
                raise
            time.sleep(1)


@contextmanager
def opened(rabbitmq: RabbitMQ, postgres: PostgreSQL, undertaker: Undertaker, planted: str = "") -> Iterator[House]:
    """A house in which nothing has happened yet, its processes running; ended and cleared away afterwards."""
    with _folder() as folder, _wiring() as wires, _small_disk(folder) as disk:
        house = _built(rabbitmq, postgres, undertaker, folder, wires, disk, planted)
        try:
            house.supervisor.start()
            wait_until(house.ready, "start of all processes", 180)
            yield house
        finally:
            house.supervisor.abandon()
            house.heal()
            _drop(house)


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="ancrage-chaos-"))
    folder.chmod(0o755)  # the database server, another user, has a disk in it
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _wiring() -> Iterator[Wires]:
    wires = Wires()
    try:
        yield wires
    finally:
        wires.stop()


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path | None]:
    """A file system of its own in memory; None where we may not mount one (then no disk is filled)."""
    disk = folder / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", str(disk)]
    mounted = subprocess.run(command, check=False, capture_output=True).returncode == 0
    try:
        yield disk if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", disk], check=True)


def _built(
    rabbitmq: RabbitMQ,
    postgres: PostgreSQL,
    undertaker: Undertaker,
    folder: Path,
    wires: Wires,
    disk: Path | None,
    planted: str,
) -> House:
    broker, stores = rabbitmq.url(), _databases(postgres, disk)
    direct = {"ANCRAGE_AMQP_URL": broker, **{_variable(s, "DATABASE_URL"): url for s, url in stores.items()}}
    settings = Settings.read(direct, data=folder, create=True)
    _prepare(settings)
    to_broker = {service: wires.to(rabbitmq.port) for service in rooms.SERVICES}
    to_store = {service: wires.to(postgres.port) for service in rooms.SERVICES}
    environment = _own(direct) | {"ANCRAGE_DATA": str(folder), FOLDER: str(folder), PLANTED: planted}
    for service in rooms.SERVICES:
        through = stores[service].replace(f":{postgres.port}/", f":{to_store[service].port}/")
        environment[_variable(service, "DATABASE_URL")] = through
        through = broker.replace(f":{rabbitmq.port}/", f":{to_broker[service].port}/")
        environment[_variable(service, "AMQP_URL")] = through
    ports = {service: free_port() for service in rooms.SERVICES}
    processes = {p.name: p for p in _processes(folder, environment, ports)}
    supervisor = Supervisor(list(processes.values()), undertaker)
    return House(
        rabbitmq, postgres, undertaker, folder, settings, to_broker, to_store, processes, ports, disk, supervisor
    )


def _own(direct: dict[str, str]) -> dict[str, str]:
    """The environment without what the person at this machine set for another house."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ANCRAGE_")} | direct


def _variable(service: str, what: str) -> str:
    return f"ANCRAGE_{service.upper()}_{what}"


def _processes(folder: Path, environment: dict[str, str], ports: dict[str, int]) -> Iterator[Process]:
    for role, more in (("worker", _nothing), ("web", lambda service: ["--port", str(ports[service])])):
        for service in rooms.SERVICES:
            name = f"{role}-{service}"
            log, orders = folder / f"{name}.log", Orders(folder, name)
            yield Process(role, service, more(service), environment, log, orders)


def _nothing(_service: str) -> list[str]:
    return []


def _prepare(settings: Settings) -> None:
    from chassis.worker import declare

    for service in rooms.SERVICES:
        rooms.migrate(service, settings)
    declare([rooms.worker_class(service) for service in rooms.SERVICES], settings)


def _databases(postgres: PostgreSQL, disk: Path | None) -> dict[str, str]:
    urls = {service: postgres.database(service) for service in rooms.SERVICES}
    if disk:
        cramped = urls[CRAMPED].rpartition("/")[2]
        shutil.chown(disk, "postgres")
        with psycopg.connect(postgres._dsn("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE TABLESPACE {cramped} LOCATION '{disk}'")
            connection.execute(f"ALTER DATABASE {cramped} SET TABLESPACE {cramped}")
    return urls


def _drop(house: House) -> None:
    """Leaves the database server as it was: it may serve others after us, and the small disk goes away."""
    for context in house.contexts.values():
        context.store.dispose()
    if house.disk is None:
        return
    name = house.settings.database_url(CRAMPED).rpartition("/")[2]
    with psycopg.connect(house.postgres._dsn("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        connection.execute(f"DROP TABLESPACE {name}")
