"""`ancrage token`: lets another system send referrals."""

from pathlib import Path

import click

from ancrage import options


@click.command("token")
@options.data
@click.option("--area", required=True, metavar="AREA", help="CMS area that the sender may send for, or all.")
@click.option("--days", type=click.IntRange(1, 3650), default=90, show_default=True, help="Days that it is good for.")
def command(data: Path | None, area: str, days: int) -> None:
    """Print an API token to send and read the referrals of one CMS area, or of all."""
    from ancrage import tokens

    settings = options.read_settings(data)
    click.echo(tokens.issue(settings, area, days))
