"""`ancrage migrate`: stores brought up to the tables that this version expects."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ancrage import options
from ancrage.trouble import Exit, Trouble

if TYPE_CHECKING:
    from chassis.settings import Settings


@click.command("migrate")
@click.argument("services", nargs=-1, metavar="[SERVICE]…")
@options.data
def command(services: tuple[str, ...], data: Path | None) -> None:
    """Bring the store of each SERVICE (all of them when none is named) up to date. Safe to repeat.

    With a broker of its own (ANCRAGE_AMQP_URL), makes the queues and bindings of all services, too: before the first
    worker starts, since an event published when only some of its subscribers' queues exist would pass the others by.
    """
    from ancrage import house

    names = house.chosen(services)
    settings = options.read_settings(data)
    for name in names:
        house.migrate(name, settings)
        click.echo(f"{name}: up to date")
    if not services and not settings.embedded:
        _declare(names, settings)


def _declare(names: tuple[str, ...], settings: "Settings") -> None:
    from ancrage import house
    from chassis.broker import BrokerUnreachable
    from chassis.worker import declare

    try:
        declare([house.worker_class(name) for name in names], settings)
    except BrokerUnreachable as error:
        raise Trouble(f"the broker does not answer: {error}", Exit.UNREACHABLE) from error
    click.echo("queues: declared")
