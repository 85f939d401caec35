"""`ancrage status`: how the services and their queues are."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ancrage import options
from ancrage.trouble import Exit, Trouble

if TYPE_CHECKING:
    from rich.table import Table


@click.command("status")
@options.data
@options.as_json
@click.option("--check", is_flag=True, help="Exit with 7 unless every service is ready and nothing has failed.")
def command(data: Path | None, as_json: bool, check: bool) -> None:
    """Say of each service whether it is ready, what waits in its queue and outbox, and what failed."""
    from ancrage import house, stores
    from chassis import operations

    answers = stores.ask_all(stores.settings_of(data), house.SERVICES, operations.status)
    services = {name: answer or unreachable(name, why) for name, answer, why in answers}
    if as_json:
        click.echo(json.dumps({"ready": all(each["ready"] for each in services.values()), "services": services}))
    else:
        _show(services)
    if check and not all(is_well(each) for each in services.values()):
        raise Trouble("something needs a person", Exit.UNWELL)


def unreachable(name: str, why: str) -> dict[str, Any]:
    """Of a service whose store does not answer: the same names, nothing known."""
    unknown = dict.fromkeys(("queue_depth", "outbox_waiting", "outbox_age_s"))
    return {"service": name, "ready": False, "workers": [], **unknown, "failures": {}, "trouble": why}


def is_well(status: dict[str, Any]) -> bool:
    """Ready, and nothing that somebody must decide about."""
    return bool(status["ready"]) and not status["failures"].get("parked")


def _show(services: dict[str, dict[str, Any]]) -> None:
    from ancrage import screen

    screen.console().print(_table(services))
    for name, status in services.items():
        for trouble in _troubles(status):
            click.echo(f"{name}: {trouble}", err=True)


def _table(services: dict[str, dict[str, Any]]) -> "Table":
    from rich.table import Table

    table = Table("Service", "Ready", box=None)
    for head in ("In queue", "In outbox", "Oldest", "Retrying", "Waiting", "Parked", "Discarded"):
        table.add_column(head, justify="right")
    for name, status in services.items():
        table.add_row(name, "[green]yes[/]" if status["ready"] else "[red]no[/]", *_figures(status))
    return table


def _figures(status: dict[str, Any]) -> list[str]:
    age = status["outbox_age_s"]
    counts = [status["failures"].get(state) for state in ("retrying", "waiting", "parked", "discarded")]
    told = [status["queue_depth"], status["outbox_waiting"], f"{age:.1f} s" if age else age, *counts]
    return ["?" if each is None else str(each) for each in told]


def _troubles(status: dict[str, Any]) -> list[str]:
    workers = [f"{worker['worker']}: {worker['trouble']}" for worker in status["workers"] if worker.get("trouble")]
    gone = [] if any(worker["fresh"] for worker in status["workers"]) else ["no worker has been seen lately"]
    return [status["trouble"]] if status.get("trouble") else workers + gone
