"""What operators see and do at the command line, directly on the services' stores."""

import getpass
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ancrage import house, options
from ancrage.trouble import Exit, Trouble

if TYPE_CHECKING:
    from chassis.context import Context
    from chassis.settings import Settings

Answer = TypeVar("Answer")


def settings_of(data: Path | None) -> "Settings":
    """Settings of a system that exists: raises Trouble where the folder would be made by looking at it."""
    settings = options.read_settings(data)
    for name in house.SERVICES:
        if settings.database_url(name).startswith("sqlite") and not (settings.data / f"{name}.db").exists():
            where = f"{settings.data} holds no system (no {name}.db)"
            raise Trouble(f"{where}; name its folder with --data", Exit.SETTINGS)
    return settings


@contextmanager
def opened(name: str, settings: "Settings") -> "Iterator[Context]":
    """The service's context, for as long as it is needed."""
    context = house.wire(name, settings)
    try:
        yield context
    finally:
        context.store.dispose()


def ask_all(
    settings: "Settings", names: Iterable[str], ask: "Callable[[Context], Answer]"
) -> Iterator[tuple[str, Answer | None, str]]:
    """(service, its answer, "") or, where its store does not answer, (service, None, why)."""
    for name in names:
        with opened(name, settings) as context:
            try:
                yield name, ask(context), ""
            except Exception as error:
                yield name, None, _why_unreachable(error)


def _why_unreachable(error: Exception) -> str:
    """In a few words, for an error of the database; any other is raised again."""
    import sqlalchemy as sa

    if isinstance(error, sa.exc.ProgrammingError | sa.exc.OperationalError):
        lines = str(error.orig).strip().splitlines() or [type(error).__name__]
        return f"the store does not answer: {lines[0]}"
    raise error


def who() -> str:
    """The person at this terminal, for the log of operators' actions."""
    try:
        return f"{getpass.getuser()} (command line)"
    except (KeyError, OSError):
        return "unknown (command line)"


def found(name: str, answer: Any, what: str) -> Any:
    if answer is None:
        raise Trouble(f"{name} has no {what}", Exit.UNKNOWN)
    return answer
