"""`ancrage up`: everything on this machine."""

from pathlib import Path

import click

from ancrage import options


@click.command("up")
@options.data
@click.option("--port", type=click.IntRange(0, 65535), help="Port of the pages, 0 for any (ANCRAGE_PORT; 8080).")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--demo/--no-demo", default=None, help="Send demonstration data (by default into an empty folder only).")
@click.option("--verbose", is_flag=True, help="Show what the services log, too.")
def command(data: Path | None, port: int | None, host: str, demo: bool | None, verbose: bool) -> None:
    """Run pages and workers of all services on this machine, until Ctrl-C.

    Without ANCRAGE_AMQP_URL and ANCRAGE_<SERVICE>_DATABASE_URL everything is kept in files of DIR.
    """
    from ancrage.launcher.up import Choices, up

    up(Choices(data=data, port=port, host=host, demo=demo, verbose=verbose))
