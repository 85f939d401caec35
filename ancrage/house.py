"""Which rooms there are: the one place that knows all the services by name."""

import importlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ancrage.site import Site, Wsgi
from ancrage.trouble import Exit, Trouble
from contracts.site import MOUNTS

if TYPE_CHECKING:
    from chassis.context import Context
    from chassis.settings import Settings

#: those with a store and a worker, in the order in which a referral meets them
SERVICES = ("identity", "referral", "placement", "evaluation", "notification")
#: those with pages
CONSOLE = "console"
SITES = (*SERVICES, CONSOLE)


def chosen(names: Iterable[str], among: tuple[str, ...] = SERVICES) -> tuple[str, ...]:
    """`names` checked against the house; all of `among` when none is given. Raises Trouble for an unknown one."""
    names = tuple(names)
    for name in names:
        if name not in among:
            raise Trouble(f"there is no service {name!r}; there are: {', '.join(among)}", Exit.UNKNOWN)
    return names or among


def wire(name: str, settings: "Settings") -> "Context":
    """The service's context: store, clock, keys. Raises Trouble where a setting that it needs is missing."""
    from chassis.settings import SettingsError

    try:
        context: Context = _module(name, "wiring").wire(settings)
    except SettingsError as error:
        raise Trouble(str(error), Exit.SETTINGS) from error
    return context


def contexts(names: Iterable[str], settings: "Settings") -> "dict[str, Context]":
    return {name: wire(name, settings) for name in names}


def worker_class(name: str) -> Any:
    """The service's nameko class. Imports nameko and eventlet: only for a worker process."""
    return getattr(_module(name, "service"), f"{name.capitalize()}Service")


def _module(name: str, room: str) -> Any:
    return importlib.import_module(f"services.{name}.{room}")


def migrate(name: str, settings: "Settings") -> None:
    """Brings the service's store up to date; raises Trouble where the database does not answer."""
    import sqlalchemy as sa

    from chassis.migrations import migrate as bring_up_to_date

    context = wire(name, settings)
    try:
        bring_up_to_date(context.store)
    except sa.exc.OperationalError as error:
        raise Trouble(f"the store of {name} does not answer: {error.orig}", Exit.UNREACHABLE) from error
    finally:
        context.store.dispose()


def site(names: Iterable[str], settings: "Settings") -> Wsgi:
    """The pages and APIs of these services as one application, by the paths of `contracts.site`."""
    names = tuple(names)
    applications: dict[str, Wsgi] = {name: application(name, settings) for name in names if name != CONSOLE}
    if CONSOLE in names:
        applications[CONSOLE] = _console(settings, applications)
    return Site(applications, (*MOUNTS, *_operations(names)), otherwise=names[0])


def _console(settings: "Settings", applications: Mapping[str, Wsgi]) -> Wsgi:
    """The console, which asks the services of this process within it and the others at their addresses."""
    from chassis.settings import SettingsError
    from console import web, wiring

    try:
        return web.create_app(wiring.wire(settings, applications))
    except SettingsError as error:
        raise Trouble(str(error), Exit.SETTINGS) from error


def application(name: str, settings: "Settings") -> Wsgi:
    """The service's own Flask application."""
    made: Wsgi = _module(name, "web").create_app(wire(name, settings))
    return made


def _operations(names: Iterable[str]) -> list[tuple[str, str]]:
    """Where each service answers the console; a reverse proxy in front of the site leaves these out."""
    return [(f"/operations/{name}", name) for name in names]
