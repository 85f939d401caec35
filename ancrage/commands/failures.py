"""`ancrage failures`: what could not be handled, and what an operator decides about it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ancrage import options
from ancrage.trouble import Exit, Trouble

if TYPE_CHECKING:
    from chassis.context import Context

Answer = TypeVar("Answer")

STATES = ("retrying", "waiting", "parked", "discarded")


class FailureId(click.ParamType):
    """`referral/12`: failures are numbered within their service."""

    name = "failure"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> tuple[str, int]:
        service, _slash, number = str(value).partition("/")
        if not number.isdecimal():
            self.fail(f"{value!r} is no failure: SERVICE/NUMBER is expected, as `ancrage failures list` shows it")
        return service, int(number)


failure_id = click.argument("failure", type=FailureId(), metavar="SERVICE/NUMBER")
why = click.option("--why", required=True, metavar="REASON", help="Kept with your name in the log of actions.")


@click.group("failures")
def command() -> None:
    """List, show, retry, edit or discard what could not be handled."""


@command.command("list")
@options.data
@options.as_json
@click.option("--state", type=click.Choice(STATES), help="Only these.")
@click.option("--service", "services", multiple=True, help="Only of this service (may be repeated).")
def list_(data: Path | None, as_json: bool, state: str | None, services: tuple[str, ...]) -> None:
    """List the failures of all services, the newest first."""
    from ancrage import house, stores
    from chassis import operations

    names = house.chosen(services)
    answers = list(stores.ask_all(stores.settings_of(data), names, lambda one: operations.failures(one, state=state)))
    for name, listed, why in answers:
        if listed is None:
            click.echo(f"ancrage: {name}: {why}", err=True)
    failures = [{"service": name, **failure} for name, listed, _ in answers for failure in listed or ()]
    failures.sort(key=lambda failure: str(failure["last_at"]), reverse=True)
    if as_json:
        click.echo(json.dumps(failures))
    else:
        _show_list(failures)


def _show_list(failures: list[dict[str, Any]]) -> None:
    from rich.markup import escape
    from rich.table import Table

    from ancrage import screen

    if not failures:
        click.echo("nothing has failed")
        return
    table = Table("Failure", "State", "Event", "Referral", "Attempts", "Cause", "Last", box=None)
    for each in failures:
        cause = (
            f"{each['error_type'] or ''}: {each['message'] or ''}" if each["error_type"] else "waits for an earlier one"
        )
        row = (f"{each['service']}/{each['id']}", each["state"], each["type"] or "?", each["subject"] or "?")
        table.add_row(*row, str(each["attempts"]), escape(cause), each["last_at"][:19])
    screen.console().print(table)


@command.command("show")
@failure_id
@options.data
@options.as_json
def show(failure: tuple[str, int], data: Path | None, as_json: bool) -> None:
    """Show one failure whole: cause, traceback, masked payload, and what was done about it."""
    from chassis import operations

    service, number = failure
    whole = _on(failure, data, lambda context: operations.failure(context, number))
    if whole is None:
        raise Trouble(f"{service} has no failure {number}", Exit.UNKNOWN)
    if as_json:
        click.echo(json.dumps({"service": service, **whole}))
        return
    for name, value in whole.items():
        click.echo(f"{name}: {_text(value)}")


def _text(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    return "\n" + text if "\n" in text else text


@command.command("retry")
@failure_id
@options.data
@why
def retry(failure: tuple[str, int], data: Path | None, why: str) -> None:
    """Have the worker try it again at once."""
    from ancrage import stores
    from chassis import operations

    done = _on(failure, data, lambda context: operations.retry(context, failure[1], who=stores.who(), why=why))
    click.echo(f"{failure[0]}/{failure[1]}: {done['state']}")


@command.command("discard")
@failure_id
@options.data
@why
def discard(failure: tuple[str, int], data: Path | None, why: str) -> None:
    """Decide that it shall not be handled. What waited behind it goes on."""
    from ancrage import stores
    from chassis import operations

    done = _on(failure, data, lambda context: operations.discard(context, failure[1], who=stores.who(), why=why))
    click.echo(f"{failure[0]}/{failure[1]}: {done['state']}")


@command.command("edit")
@failure_id
@options.data
@why
@click.option("--body", type=click.File("rb"), help="The new message (- for standard input) instead of an editor.")
def edit(failure: tuple[str, int], data: Path | None, why: str, body: Any) -> None:
    """Give it another message, and have that one tried."""
    from ancrage import stores
    from ancrage.editing import changed
    from chassis import operations

    new = _on(failure, data, lambda context: changed(context, failure[1], body.read() if body else None))
    done = _on(failure, data, lambda context: operations.edit(context, failure[1], new, who=stores.who(), why=why))
    click.echo(f"{failure[0]}/{failure[1]}: {done['state']}")


def _on(failure: tuple[str, int], data: Path | None, do: "Callable[[Context], Answer]") -> Answer:
    """Does something on the store of the failure's service; raises Trouble where that cannot be."""
    from ancrage import house, stores
    from chassis.operations import NotPossible

    (service,) = house.chosen(failure[:1])
    settings = stores.settings_of(data)
    try:
        [(_, answer, why)] = stores.ask_all(settings, [service], do)
    except LookupError as error:
        raise Trouble(f"{service} has no failure {failure[1]}", Exit.UNKNOWN) from error
    except NotPossible as error:
        raise Trouble(str(error), Exit.REFUSED) from error
    if why:
        raise Trouble(f"{service}: {why}", Exit.UNREACHABLE)
    return answer  # type: ignore[return-value]  # None only where there is a why, or where it means none
