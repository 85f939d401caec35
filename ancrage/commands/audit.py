"""`ancrage audit`: who saw or changed what, and whether anybody has tampered with that."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ancrage import options
from ancrage.trouble import Exit, Trouble

if TYPE_CHECKING:
    from chassis.audit import Verdict


@click.group("audit")
def command() -> None:
    """List who saw or changed what, or verify that nobody has changed that."""


@command.command("verify")
@click.argument("services", nargs=-1, metavar="[SERVICE]…")
@options.data
@options.as_json
@click.option(
    "--log",
    "logs",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A worker's log, kept where whoever owns the databases cannot change it (may be repeated).",
)
def verify(services: tuple[str, ...], data: Path | None, as_json: bool, logs: tuple[Path, ...]) -> None:
    """Go through the chain of each SERVICE (all of them when none is named), the oldest row first.

    Exits with 7 and names the first broken row where a chain is not as it was sealed. The digest of each head is in
    the worker's log, too: compared with it, a chain that was cut at its end is found as well.
    """
    from ancrage import house, stores
    from chassis import audit

    names, heads = house.chosen(services), _heads(logs)
    answers = list(
        stores.ask_all(stores.settings_of(data), names, lambda one: audit.verify(one, heads.get(one.name, {})))
    )
    verdicts = {name: verdict for name, verdict, _ in answers if verdict}
    if as_json:
        click.echo(json.dumps({name: asdict(verdict) for name, verdict in verdicts.items()}))
    else:
        for name, verdict in verdicts.items():
            click.echo(line(name, verdict))
    _complain(verdicts, {name: why for name, verdict, why in answers if verdict is None})


def _heads(logs: Sequence[Path]) -> dict[str, dict[int, str]]:
    """By service and position, the digests that workers have logged; other lines say nothing of it."""
    from chassis import audit

    found: dict[str, dict[int, str]] = defaultdict(dict)
    for path in logs:
        with path.open(encoding="utf-8", errors="replace") as lines:
            for told in (json.loads(each) for each in lines if f'"{audit.SEALED}"' in each):
                found[told["service"]][told["position"]] = told["digest"]
    return found


def line(name: str, verdict: "Verdict") -> str:
    """What is said of one chain."""
    if verdict.broken:
        row = f"row {verdict.broken.id}" if verdict.broken.id else "a row"
        return f"{name}: BROKEN at position {verdict.broken.position} ({row}): {verdict.broken.why}"
    cut = f", after {verdict.cut_at} removed when their time was over" if verdict.cut_at else ""
    head = f", head {verdict.position} {verdict.digest}" if verdict.position else ""
    return f"{name}: whole, {verdict.rows} rows{cut}{head}"


def _complain(verdicts: "dict[str, Verdict]", unreachable: dict[str, str]) -> None:
    for name, verdict in verdicts.items():
        if verdict.unsealed:
            click.echo(f"ancrage: {name}: {verdict.unsealed} rows are not sealed: does its worker run?", err=True)
    for name, why in unreachable.items():
        click.echo(f"ancrage: {name}: {why}", err=True)
    broken = [name for name, verdict in verdicts.items() if verdict.broken]
    if broken:
        raise Trouble(f"the audit is broken: {', '.join(broken)}", Exit.UNWELL)
    if unreachable:
        raise Trouble("not every chain could be verified", Exit.UNREACHABLE)


@command.command("list")
@options.data
@options.as_json
@click.option("--reference", help="Only what concerns this referral (or this pseudonym).")
@click.option("--account", help="Only what this account or token did.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
def list_(data: Path | None, as_json: bool, reference: str | None, account: str | None, limit: int) -> None:
    """List who saw or changed what, the newest first."""
    from ancrage import house, stores
    from chassis import audit

    asked = audit.Asked(reference=reference, account=account)
    settings = stores.settings_of(data)
    answers = list(stores.ask_all(settings, house.SERVICES, lambda context: audit.read(context, asked, limit)))
    for name, rows, why in answers:
        if rows is None:
            click.echo(f"ancrage: {name}: {why}; its part is not shown", err=True)
    found = sorted((row for _, rows, _ in answers for row in rows or ()), key=lambda row: row["at"], reverse=True)
    click.echo(json.dumps(found[:limit]) if as_json else "\n".join(map(_listed, found[:limit])))


def _listed(row: dict[str, Any]) -> str:
    what = row["action"] if row["detail"] is None else f"{row['action']} ({row['detail']})"
    who = f"{row['account']} {row['role']} {row['organisation'] or ''}".strip()
    return (
        f"{row['at'][:19]}  {row['service']:<12}  {row['outcome']:<7}  {what:<24}  {' '.join(row['references'])}  {who}"
    )
