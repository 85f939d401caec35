"""`ancrage bench`: how fast a running system is."""

import json
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ancrage import options
from ancrage.trouble import Exit, Trouble

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chassis.context import Context
    from chassis.settings import Settings


@click.group("bench")
def command() -> None:
    """Measure how fast a running system is. Leaves made-up referrals in its stores."""


@command.command("workflow")
@options.data
@options.as_json
@click.option("--count", type=click.IntRange(1, 1_000_000), help="Send that many, as fast as they are taken.")
@click.option("--rate", type=click.FloatRange(0, min_open=True), help="Referrals a second, for --seconds.")
@click.option("--seconds", type=click.FloatRange(1), default=60, show_default=True, help="How long, with --rate.")
@click.option("--seed", type=int, help="The same people again for the same number.")
@click.option(
    "--places", type=click.IntRange(1), help="Give every group so many places first (otherwise 15 are soon taken)."
)
def workflow(
    data: Path | None,
    as_json: bool,
    count: int | None,
    rate: float | None,
    seconds: float,
    seed: int | None,
    places: int | None,
) -> None:
    """Send referrals in at the intake handler and wait until each effect of all of them is in every store.

    Prints referrals and events a second, CPU seconds and peak memory of each process of this machine; with --rate,
    the time from the commit of a referral to its last effect, too, and that of each event to its handling.
    """
    from ancrage import stores
    from ancrage.bench.workflow import Load

    if (count is None) == (rate is None):
        raise Trouble("say either --count, for the speed, or --rate, for the latency", Exit.USAGE)
    load = Load(count or max(1, round((rate or 0) * seconds)), rate, secrets.randbits(32) if seed is None else seed)
    settings = stores.settings_of(data)
    found = run(settings, load, places)
    click.echo(json.dumps(found) if as_json else _lines(found))
    if found["lost"] or found["doubled"] or found["parked"]:
        raise Trouble("effects were lost, doubled or parked", Exit.UNWELL)


def run(settings: "Settings", load: Any, places: int | None) -> dict[str, Any]:
    from ancrage import house
    from ancrage.bench import effects, latency, workflow
    from ancrage.bench.places import enlarge

    contexts = house.contexts(effects.SERVICES, settings)
    effects.count_unhurried(contexts)
    if places:
        enlarge(contexts["placement"], places)
    stack, read = workflow.ours(contexts, _processes(settings, contexts))
    found = workflow.measure(stack, load)
    span = effects.Run(load.count, found["first"], found["last"])
    found = workflow.summed(found, read(span))
    return found | ({"hops_ms": latency.hops(contexts, span)} if load.rate else {})


def _processes(settings: "Settings", contexts: "Mapping[str, Context]") -> dict[str, int]:
    """Process ids by name, of those on this machine: this one, workers, pages, broker, databases."""
    import os
    from urllib.parse import urlsplit

    from ancrage.bench.processes import listener

    urls = {"broker": settings.broker_url("referral"), "web": settings.public_url}
    urls |= {"postgres": settings.database_url("referral")}
    ports = {name: urlsplit(url).port for name, url in urls.items()}
    listening = {name: listener(port) for name, port in ports.items() if port}
    found = {"bench": os.getpid()} | _workers(contexts) | {name: pid for name, pid in listening.items() if pid}
    return found


def _workers(contexts: "Mapping[str, Context]") -> dict[str, int]:
    """By their heartbeats; one process that runs several services counts once."""
    from chassis import operations

    pids: dict[str, int] = {}
    for name, context in contexts.items():
        for worker in operations.status(context)["workers"]:
            pid = int(worker["worker"].rpartition(":")[2])
            if worker["fresh"] and pid not in pids.values():
                pids[f"worker {name}"] = pid
    return pids


def _lines(found: dict[str, Any]) -> str:
    shown = ("referrals_per_s", "events_per_s", "seconds", "cpu_ms_per_referral", "cpu_seconds", "peak_mb")
    told = [*shown, "latency_ms", "hops_ms", "lost", "doubled", "parked", "unsent"]
    return "\n".join(f"{name}: {_shown(found[name])}" for name in told if name in found)


def _shown(value: Any) -> str:
    if not isinstance(value, dict):
        return str(value)
    return "".join(
        f"\n  {name}: {_shown(each) if not isinstance(each, dict) else each}" for name, each in value.items()
    )
