"""`ancrage demo`: made-up referrals through the public API of a running system."""

import secrets
from pathlib import Path

import click

from ancrage import options
from ancrage.trouble import Exit, Trouble


@click.command("demo")
@options.data
@click.option(
    "--count", type=click.IntRange(1, 100_000), help="Send that many generated referrals (otherwise the file's 120)."
)
@click.option(
    "--rate", type=click.FloatRange(0, min_open=True), help="Referrals a second (otherwise as fast as they are taken)."
)
@click.option("--seed", type=int, help="The same people again for the same number.")
@click.option("--url", envvar="ANCRAGE_PUBLIC_URL", help="The site (otherwise the one running on DIR).")
@click.option("--token", envvar="ANCRAGE_TOKEN", help="API token (otherwise made with the keys of DIR).")
@click.option("--language", type=click.Choice(("fr", "de")), default="fr", show_default=True, help="Of the answers.")
def command(
    data: Path | None,
    count: int | None,
    rate: float | None,
    seed: int | None,
    url: str | None,
    token: str | None,
    language: str,
) -> None:
    """Send made-up referrals to a running system and watch their way."""
    from ancrage import screen
    from ancrage.demonstration import people, rows, shown
    from ancrage.demonstration.api import Api
    from ancrage.demonstration.journey import Journey

    api = Api(url or _address(data), token or _token(data), language)
    bodies = people.made_up(count, secrets.randbits(32) if seed is None else seed) if count else rows.from_file()
    journeys = [Journey(body) for body in rows.put_telling_one_first(bodies)]
    shown.demonstration(api, journeys, screen.console(), rate=rate)


def _address(data: Path | None) -> str:
    """Where the system that runs on the data folder answers."""
    from ancrage.launcher import lock

    settings = options.read_settings(data)
    holder = lock.read(settings.data)
    return str(holder["address"]) if holder else settings.public_url


def _token(data: Path | None) -> str:
    from ancrage import tokens
    from contracts.people import ALL_AREAS

    try:
        return tokens.issue(options.read_settings(data), ALL_AREAS, days=1)
    except Trouble as trouble:
        raise Trouble(
            f"a token is needed: --token, or --data with the folder of the system ({trouble})", Exit.USAGE
        ) from None
