"""`ancrage migrate`: stores brought up to the tables that this version expects."""

from pathlib import Path

import click

from ancrage import options


@click.command("migrate")
@click.argument("services", nargs=-1, metavar="[SERVICE]…")
@options.data
def command(services: tuple[str, ...], data: Path | None) -> None:
    """Bring the store of each SERVICE (all of them when none is named) up to date. Safe to repeat."""
    from ancrage import house

    names = house.chosen(services)
    settings = options.read_settings(data)
    for name in names:
        house.migrate(name, settings)
        click.echo(f"{name}: up to date")
