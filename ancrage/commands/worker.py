"""`ancrage worker`: consumers, relays and schedules of one or more services in one process."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ancrage import options

if TYPE_CHECKING:
    from chassis.settings import Settings

#: seconds between two attempts to reach a broker that is down
PROBE = 1.0


@click.command("worker")
@click.argument("services", nargs=-1, metavar="[SERVICE]…")
@options.data
def command(services: tuple[str, ...], data: Path | None) -> None:
    """Run the worker of each SERVICE (all of them when none is named) until told to stop.

    A broker or a database that is down is waited for.
    """
    from ancrage import house
    from ancrage.launcher import lifeline
    from chassis import logs

    lifeline.hold()
    names = house.chosen(services)
    settings = options.read_settings(data)
    logs.configure()
    from chassis.worker import run_workers

    classes = [house.worker_class(name) for name in names]
    if not services and not settings.embedded and not _declared(classes, settings):
        return
    run_workers(classes, settings)


def _declared(classes: list[Any], settings: "Settings") -> bool:
    """Waits until all queues are there; False where we were told to stop meanwhile.

    An event published when only some of its subscribers' queues exist would pass the others by. Where each service
    is its own worker, `ancrage migrate` makes the queues before any of them starts.
    """
    import signal
    import threading

    import structlog

    from chassis.broker import BrokerUnreachable
    from chassis.worker import declare

    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    while not stopping.is_set():
        try:
            declare(classes, settings)
        except BrokerUnreachable as trouble:
            structlog.get_logger(__name__).warning("waiting", trouble=f"the broker does not answer: {trouble}")
            stopping.wait(PROBE)
        else:
            return True
    return False
