"""The two stacks: how the services of each are started, and who sends referrals in and measures."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ancrage import house
from ancrage.bench.effects import SERVICES
from bench.servers import Servers
from chassis import operations
from chassis.context import Context
from chassis.settings import Settings
from tests import old_rows

ROOT = Path(__file__).parents[1]
PLACES = 1_000_000
#: messages that a service of the twin works on at once; more only queue up inside the process
MAX_WORKERS = 10
#: seconds until the services are ready; a busy machine needs many
START_S = 180
#: seconds between two times at which e-mails and logs are thrown away
TIDY_S = 10
#: for e-mails and logs: what a disk takes for thousands of small files in a folder is not what is compared
MEMORY = Path("/dev/shm") if Path("/dev/shm").is_dir() else None  # noqa: S108 - a folder of its own is made in it
#: `event_handler`s of the twin's four services
CONSUMERS = 16

Found = dict[str, Any]


class Stack:
    """One of the two, on databases and a virtual host of its own."""

    name: str

    def __init__(self, servers: Servers, folder: Path, name: str = "") -> None:
        self.servers = servers
        self.name = name or self.name
        self.folder = folder / self.name
        self.folder.mkdir()
        self.vhost = servers.rabbitmq.url().rpartition("/")[2]
        databases = {name: servers.postgres.database(f"{self.name}_{name}") for name in house.SERVICES}
        told = {f"ANCRAGE_{name.upper()}_DATABASE_URL": url for name, url in databases.items()}
        told |= {"ANCRAGE_DATA": str(self.folder), "ANCRAGE_AMQP_URL": servers.rabbitmq.url(self.vhost)}
        self.environ = os.environ | told
        self.settings = Settings.read(self.environ, create=True)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.call(sys.executable, "-m", "ancrage", "migrate")

    def call(self, *command: str) -> str:
        """What the command prints; its errors are seen."""
        return subprocess.run(command, env=self.environ, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout

    @contextmanager
    def running(self) -> Iterator[None]:
        try:
            for name in SERVICES:
                self._start(name)
            until(self.ready, START_S)
            with kept_small(self.folder):
                yield
        finally:
            self._stop()

    def _start(self, name: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            command = self.service(name)
            self.processes[name] = subprocess.Popen(command, env=self.environ, cwd=ROOT, stdout=log, stderr=log)

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by name, of all that works for it."""
        return {f"worker {name}": process.pid for name, process in self.processes.items()} | self.servers.pids

    def _stop(self) -> None:
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
        self.processes.clear()

    def service(self, name: str) -> Sequence[str]:
        raise NotImplementedError

    def ready(self) -> bool:
        raise NotImplementedError

    def run(self, *load: str) -> Found:
        """Sends the load in and measures."""
        raise NotImplementedError


class Ours(Stack):
    name = "ours"

    @contextmanager
    def contexts(self) -> Iterator[dict[str, Context]]:
        """The services' stores, to be looked at or filled from this process."""
        contexts = house.contexts(SERVICES, self.settings)
        try:
            yield contexts
        finally:
            for context in contexts.values():
                context.store.dispose()

    def grow_old(self, rows: int) -> "Ours":
        """As after months: so many rows in the outbox and in the inbox of each service."""
        with self.contexts() as contexts:
            for context in contexts.values():
                old_rows.fill(context, rows)
        return self

    def waiting(self) -> dict[str, int]:
        """Messages in each queue."""
        listed = self.servers.rabbitmq.ctl("list_queues", "-p", self.vhost, "name", "messages", "--no-table-headers")
        return {name: int(count) for name, count in (line.split() for line in listed.splitlines())}

    def service(self, name: str) -> Sequence[str]:
        return [sys.executable, "-m", "ancrage", "worker", name]

    def ready(self) -> bool:
        with self.contexts() as contexts:
            return all(operations.status(context)["ready"] for context in contexts.values())

    def run(self, *load: str) -> Found:
        workflow = ("-m", "ancrage", "bench", "workflow", "--json", "--places", str(PLACES))
        return json.loads(self.call(sys.executable, *workflow, *load))


class Stock(Stack):
    name = "stock"

    def service(self, name: str) -> Sequence[str]:
        told = [self.settings.amqp_url, str(MAX_WORKERS), f"{name.capitalize()}Service"]
        return [sys.executable, "-m", "bench.stock.run", *told]

    def ready(self) -> bool:
        listed = self.servers.rabbitmq.ctl("list_queues", "-p", self.vhost, "name", "consumers", "--no-table-headers")
        rows = [line.split() for line in listed.splitlines() if line.startswith("evt-")]
        return sum(int(consumers) for _name, consumers in rows) == CONSUMERS

    def run(self, *load: str) -> Found:
        told = [f"{name}={pid}" for name, pid in self.pids.items()]
        return json.loads(self.call(sys.executable, "-m", "bench.stock.drive", "--places", str(PLACES), *load, *told))


class Embedded:
    """`ancrage up` as it comes: SQLite, the broker inside the worker."""

    name = "embedded"

    def __init__(self, folder: Path) -> None:
        self.folder = folder / self.name
        self.folder.mkdir()
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith("ANCRAGE_")}

    @contextmanager
    def running(self) -> Iterator[None]:
        up = [sys.executable, "-m", "ancrage", "up", "--no-demo", "--port", "0", "--data", str(self.folder)]
        with (self.folder.parent / "up.log").open("ab") as log:
            process = subprocess.Popen(up, env=self.environ, cwd=ROOT, stdout=log, stderr=log)
        try:
            until(self._ready, START_S)
            yield
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)

    def _ready(self) -> bool:
        if not (self.folder / "notification.db").exists():
            return False
        status = self._ancrage("status", check=False)
        return status.returncode == 0 and bool(json.loads(status.stdout)["ready"])

    def run(self, *load: str) -> Found:
        return json.loads(self._ancrage("bench", "workflow", "--places", str(PLACES), *load).stdout)

    def _ancrage(self, *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "ancrage", *arguments, "--json", "--data", str(self.folder)]
        return subprocess.run(command, env=self.environ, cwd=ROOT, check=check, capture_output=True, text=True)


def until(true: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not ready within {seconds:.0f} s")
        time.sleep(0.2)


@contextmanager
def kept_small(folder: Path) -> Iterator[None]:
    """E-mails are thrown away and logs cut while it lasts: nothing but the stores grows with the load."""
    done = threading.Event()

    def keep() -> None:
        while not done.wait(TIDY_S):
            for mail in folder.glob("mail/*.eml"):
                mail.unlink()
            for log in folder.glob("*.log"):
                os.truncate(log, 0)

    thread = threading.Thread(target=keep)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@contextmanager
def folder(where: Path | None = None) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ancrage-bench-", dir=where) as path:
        yield Path(path)
