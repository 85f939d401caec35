"""`ancrage trace`: the whole way of one referral through all services."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ancrage import options
from ancrage.trouble import Exit, Trouble

if TYPE_CHECKING:
    from rich.tree import Tree


@click.command("trace")
@click.argument("reference")
@options.data
@options.as_json
def command(reference: str, data: Path | None, as_json: bool) -> None:
    """Show every event of the referral REFERENCE: who published it, when it was committed, relayed and handled,
    and what became of it at each service that listens."""
    from ancrage import house, stores
    from chassis import operations
    from console.trace import merge

    reference = reference.strip().upper()
    settings = stores.settings_of(data)
    answers = list(stores.ask_all(settings, house.SERVICES, lambda context: operations.trace(context, reference)))
    events = merge(part for _, part, _ in answers if part)
    missing = {name: why for name, part, why in answers if part is None}
    for name, why in missing.items():
        click.echo(f"ancrage: {name}: {why}; its part of the way is not shown", err=True)
    if not events:
        raise Trouble(f"no service knows {reference}", Exit.UNREACHABLE if missing else Exit.UNKNOWN)
    if as_json:
        click.echo(json.dumps({"reference": reference, "unreachable": sorted(missing), "events": events}))
    else:
        _show(reference, events)


def _show(reference: str, events: list[dict[str, Any]]) -> None:
    from ancrage import screen

    screen.console().print(tree(reference, events))


def tree(reference: str, events: list[dict[str, Any]]) -> "Tree":
    """Events below what caused them, each with its handlings; times in ms since the first commit."""
    from rich.tree import Tree

    start = _first(events)
    root = Tree(f"[bold]{reference}[/], from {start.astimezone():%d.%m.%Y %H:%M:%S}, times in ms since then")
    branches: dict[str, Tree] = {}
    for event in events:
        below = branches.get(event["causationid"] or "", root)
        branches[event["event_id"]] = branch = below.add(_event(event, start))
        for handling in event["handled"]:
            branch.add(_handling(handling, start))
    return root


def _first(events: list[dict[str, Any]]) -> datetime:
    moments = [event["committed_at"] for event in events]
    moments += [handling["received_at"] for event in events for handling in event["handled"]]
    return min(datetime.fromisoformat(moment) for moment in moments if moment)


def _event(event: dict[str, Any], start: datetime) -> str:
    committed, relayed = _since(event["committed_at"], start), _since(event["relayed_at"], start)
    times = (
        f"committed {committed}, relayed {relayed}" if event["relayed_at"] else f"committed {committed}, not relayed"
    )
    return f"[bold cyan]{event['type']}[/] by {event['publisher']}  [dim]{times}[/]"


def _handling(handling: dict[str, Any], start: datetime) -> str:
    if handling["result"] == "handled":
        took = f" in {handling['duration_ms']:.1f} ms" if handling["duration_ms"] is not None else ""
        again = f", attempt {handling['attempt']}" if handling["attempt"] > 1 else ""
        return f"[green]{handling['service']}[/] handled {_since(handling['handled_at'], start)}[dim]{took}{again}[/]"
    error = f": {handling['error']}" if handling.get("error") else ""
    return f"[red]{handling['service']} {handling['result']}{error}[/][dim], {handling['attempt']} attempts[/]"


def _since(moment: str | None, start: datetime) -> str:
    if moment is None:
        return "?"
    return f"{(datetime.fromisoformat(moment) - start).total_seconds() * 1000:.0f}"
