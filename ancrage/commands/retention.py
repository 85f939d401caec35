"""`ancrage retention`: what is kept no longer goes by itself."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ancrage import options

Answer = TypeVar("Answer")


@click.command("retention")
@options.data
@options.as_json
@click.option("--dry-run", is_flag=True, help="Only say what would be announced and what would be erased.")
def command(data: Path | None, as_json: bool, dry_run: bool) -> None:
    """Announce the closed referrals whose time is over in 30 days, and erase those announced whose day has come.

    The workers do the same every hour. How long: ANCRAGE_RETENTION_DAYS (730) after the last news.
    """
    done = with_referrals(data, _would_do if dry_run else _do)
    if as_json:
        click.echo(json.dumps(done))
        return
    would = "would be " if dry_run else ""
    for what, references in done.items():
        click.echo(f"{would}{what}: {len(references)}  {' '.join(references)}".rstrip())


def _would_do(context: Any) -> dict[str, list[str]]:
    from services.referral import handlers

    return handlers.would_go(context)


def _do(context: Any) -> dict[str, list[str]]:
    from services.referral import handlers

    would = handlers.would_go(context)
    handlers.announce_erasures(context)
    handlers.erase_due(context)
    return would


def with_referrals(data: Path | None, do: Callable[[Any], Answer]) -> Answer:
    from ancrage import stores

    with stores.opened("referral", stores.settings_of(data)) as context:
        return do(context)
