"""`ancrage token`: lets another system send referrals, and out again."""

import json
from pathlib import Path
from typing import Any

import click

from ancrage import options
from contracts.people import SCOPES


@click.group("token", invoke_without_command=True)
@options.data
@click.option("--area", metavar="AREA", help="CMS area that the sender may send for, or all.")
@click.option("--organisation", default="integration", show_default=True, help="Whose system it is, for the register.")
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, help="What it may do; everything if none.")
@click.option("--days", type=click.IntRange(1, 3650), default=90, show_default=True, help="Days that it is good for.")
@click.pass_context
def command(
    context: click.Context, data: Path | None, area: str | None, organisation: str, scopes: tuple[str, ...], days: int
) -> None:
    """Print an API token to send and read the referrals of one CMS area, or of all. It is shown this once."""
    if context.invoked_subcommand:
        return
    if area is None:
        raise click.UsageError("Missing option '--area'.", context)
    from ancrage import stores, tokens

    settings = options.read_settings(data)
    click.echo(tokens.register(settings, area, days, organisation, list(scopes or SCOPES), stores.who()))


@command.command("list")
@options.data
@options.as_json
def list_(data: Path | None, as_json: bool) -> None:
    """List all tokens: whose they are, what for, until when. None of them is shown itself."""
    from ancrage import tokens

    rows = [_row(token) for token in tokens.listed(options.read_settings(data))]
    if as_json:
        click.echo(json.dumps(rows))
        return
    for row in rows:
        until = f"ended {row['ended_at']}" if row["ended_at"] else f"until {row['expires_at']}"
        click.echo(f"{row['id']}  {row['organisation']}  {','.join(row['areas'])}  {','.join(row['scopes'])}  {until}")


@command.command("end")
@click.argument("id")
@options.data
def end(id: str, data: Path | None) -> None:
    """End the token ID: it opens nothing from the next request on."""
    from ancrage import stores, tokens

    tokens.end(options.read_settings(data), id, stores.who())
    click.echo(f"{id}: ended")


def _row(token: Any) -> dict[str, Any]:
    told = {name: getattr(token, name) for name in ("id", "organisation", "areas", "scopes")}
    return told | {
        name: moment.isoformat(timespec="seconds") if moment else None
        for name, moment in (("expires_at", token.expires_at), ("ended_at", token.ended_at))
    }
