"""`ancrage web`: the pages of one or more services in one process of threads."""

from pathlib import Path

import click

from ancrage import options


@click.command("web")
@click.argument("services", nargs=-1, metavar="[SERVICE]…")
@options.data
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="Port to listen on.")
@click.option("--bind", metavar="ADDRESS", help="HOST:PORT, unix:PATH or fd://N instead of localhost and --port.")
@click.option("--threads", type=click.IntRange(1), default=8, show_default=True, help="Requests at the same time.")
@click.option(
    "--processes", type=click.IntRange(1), default=1, show_default=True, help="Processes of that many threads."
)
def command(
    services: tuple[str, ...], data: Path | None, port: int, bind: str | None, threads: int, processes: int
) -> None:
    """Run the pages and API of each SERVICE (all of them and the console when none is named)."""
    from ancrage import house
    from ancrage.launcher import lifeline
    from ancrage.serving import Server
    from chassis import faults, logs

    lifeline.hold()
    names = house.chosen(services, among=house.SITES)
    settings = options.read_settings(data)
    logs.configure()
    faults.install_from_environment()
    Server(lambda: house.site(names, settings), bind or f"127.0.0.1:{port}", processes=processes, threads=threads).run()
