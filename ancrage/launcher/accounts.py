"""The demonstration accounts: made in the identity service's store, shown where the system starts."""

from typing import TYPE_CHECKING

from ancrage import house

if TYPE_CHECKING:
    from rich.console import Console

    from chassis.settings import Settings


def create(settings: "Settings") -> None:
    """Makes those that are not there yet."""
    from services.identity import handlers

    with house.wire("identity", settings).unit() as unit:
        handlers.create_demo_accounts(unit)


def show(settings: "Settings", console: "Console") -> None:
    """Who can sign in for the demonstration, and with which password."""
