"""`ancrage worker`: consumers, relays and schedules of one or more services in one process."""

from pathlib import Path

import click

from ancrage import options


@click.command("worker")
@click.argument("services", nargs=-1, metavar="[SERVICE]…")
@options.data
def command(services: tuple[str, ...], data: Path | None) -> None:
    """Run the worker of each SERVICE (all of them when none is named) until told to stop."""
    from ancrage import house
    from ancrage.launcher import lifeline

    lifeline.hold()
    names = house.chosen(services)
    settings = options.read_settings(data)
    from chassis.worker import run_workers

    run_workers([house.worker_class(name) for name in names], settings)
