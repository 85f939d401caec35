"""The demonstration accounts: made in the identity service's store, shown where the system starts."""

from typing import TYPE_CHECKING

from ancrage import house

if TYPE_CHECKING:
    from rich.console import Console

    from chassis.settings import Settings


def create(settings: "Settings") -> None:
    """Makes those that are not there yet; their password is the same for a data folder, unlike any other's."""
    from services.identity import handlers

    with house.wire("identity", settings).unit() as unit:
        handlers.create_demo_accounts(unit)


def show(settings: "Settings", console: "Console") -> None:
    """Who can sign in for the demonstration, and with which password; nothing where there are no such accounts."""
    from services.identity import handlers, queries

    context = house.wire("identity", settings)
    with context.reading() as session:
        accounts = queries.demo_accounts(session)
    if not accounts:
        return
    console.print(f"Demonstration accounts, all with the password [bold]{context.demo_password}[/]")  # type: ignore[attr-defined]
    for account in accounts:
        console.print(f"  {account.email:<40}{handlers.demo_description(account.email)}", soft_wrap=True)
