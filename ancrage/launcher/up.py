"""`ancrage up`, from an empty folder to the last child's end."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ancrage import house, options
from ancrage.launcher import lifeline, lock, port
from ancrage.launcher.child import Child, environment
from ancrage.launcher.greeting import Demonstration, Greeting
from ancrage.launcher.logs import show_logs
from ancrage.launcher.supervisor import Supervisor
from ancrage.trouble import Trouble

if TYPE_CHECKING:
    from rich.console import Console

    from chassis.settings import Settings


@dataclass(frozen=True)
class Choices:
    """What the command line said; None where it said nothing."""

    data: Path | None
    port: int | None
    host: str
    demo: bool | None
    verbose: bool


def up(choices: Choices) -> None:
    """Runs everything until asked to stop. Raises Trouble where it cannot start."""
    from ancrage import screen

    console = screen.console()
    settings = options.read_settings(choices.data)
    fresh = is_fresh(settings.data)
    wanted = settings.port if choices.port is None else choices.port
    with lock.take(settings.data) as taken, contextlib.closing(port.listen(choices.host, wanted)) as listener:
        address = port.address(listener)
        lock.sign(taken, address)
        settings = options.read_settings(choices.data, port=listener.getsockname()[1], create=True)
        _run(settings, choices, fresh, listener.fileno(), address, console)


def is_fresh(data: Path) -> bool:
    """Whether nothing ever ran on this folder."""
    return not (data / "secret").exists() and not any(data.glob("*.db"))


def _run(settings: "Settings", choices: Choices, fresh: bool, listening: int, address: str, console: "Console") -> None:
    demo = _wants_demo(choices, settings, fresh)
    with _lifeline() as reading:
        supervisor = Supervisor(
            _children(settings, reading, listening, address), partial(console.print, soft_wrap=True)
        )
        supervisor.listen_to_signals()
        _migrate(settings, console)
        greeting = Greeting(settings, address, supervisor, console, Demonstration.chosen(demo, fresh))
        _supervise(supervisor, greeting, console, choices.verbose)
    if supervisor.failure:
        raise Trouble(supervisor.failure)


def _wants_demo(choices: Choices, settings: "Settings", fresh: bool) -> bool:
    """The command line says so, or the environment, or there is nothing on the folder yet."""
    if choices.demo is None:
        return settings.demo if settings.environ.get("ANCRAGE_DEMO") else fresh
    return choices.demo


@contextlib.contextmanager
def _lifeline() -> Iterator[int]:
    """The end that the children read; the other end is ours, and closes with us."""
    reading, writing = lifeline.make()
    try:
        yield reading
    finally:
        os.close(reading)
        os.close(writing)


def _children(settings: "Settings", reading: int, listening: int, address: str) -> list[Child]:
    """The worker first, so that the pages stop first."""
    folder = ["--data", str(settings.data)]
    told = environment(reading) | {"ANCRAGE_PORT": str(settings.port)}
    told.setdefault("ANCRAGE_PUBLIC_URL", address)  # a session belongs to one address: that of the links in e-mails
    logs = settings.data / "log"
    return [
        Child("worker", ["worker", *folder], logs / "worker.log", told, [reading]),
        Child("web", ["web", "--bind", f"fd://{listening}", *folder], logs / "web.log", told, [reading, listening]),
    ]


def _migrate(settings: "Settings", console: "Console") -> None:
    with console.status("Preparing the stores"):
        for name in house.SERVICES:
            house.migrate(name, settings)


def _supervise(supervisor: Supervisor, greeting: Greeting, console: "Console", verbose: bool) -> None:
    with show_logs([child.log for child in supervisor.children]) if verbose else contextlib.nullcontext():
        try:
            supervisor.start()
            greeting.start()
            supervisor.watch()
        finally:
            greeting.end()
            console.print("Stopping: the pages first, then the worker finishes what it has begun")
            supervisor.stop()
    console.print("Stopped")
