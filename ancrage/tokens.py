"""API tokens for those who send referrals."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ancrage import house
from ancrage.trouble import Exit, Trouble
from contracts import people
from contracts.vocabulary import CMS_AREAS

if TYPE_CHECKING:
    from chassis.settings import Settings


def issue(settings: "Settings", area: str, days: int) -> str:
    """A token for the referrals of `area` (or `all`) that stands in no register: for programs of our own.

    Raises Trouble for an area that is none, or a missing key.
    """
    _check(area)
    claims = {"sub": f"integration:{area}", "areas": [area], "scopes": list(people.SCOPES)}
    return _sign(settings, claims, timedelta(days=days))


def register(settings: "Settings", area: str, days: int, organisation: str, scopes: list[str], by: str) -> str:
    """A token of `organisation`, which the register knows from now on, so that it can be ended."""
    from services.referral import handlers
    from services.referral.domain import IssueToken

    _check(area)
    command = IssueToken(organisation=organisation, areas=[area], scopes=scopes, lasting=timedelta(days=days))
    with _register(settings) as context:
        with context.unit() as unit:
            claims = dict(handlers.issue_token(unit, command, by).claims())
        return _sign(settings, claims, command.lasting)


def listed(settings: "Settings") -> list[Any]:
    """The whole register, the newest first."""
    from services.referral import queries

    with _register(settings) as context, context.reading() as session:
        return list(queries.list_tokens(session))


def end(settings: "Settings", id: str, by: str) -> None:
    """Raises Trouble where the register knows no such token."""
    from services.referral import handlers
    from services.referral.domain import TokenNotFound

    with _register(settings) as context, context.unit() as unit:
        try:
            handlers.end_token(unit, id, by)
        except TokenNotFound as error:
            raise Trouble(f"there is no token {id}; see: ancrage token list", Exit.UNKNOWN) from error


@contextmanager
def _register(settings: "Settings") -> Iterator[Any]:
    """The referral service, whose store holds the register; raises Trouble where that does not answer."""
    import sqlalchemy as sa

    url = settings.database_url("referral")
    if url.startswith("sqlite") and not (settings.data / "referral.db").exists():
        raise Trouble(f"{settings.data} holds no system (no referral.db); name its folder with --data", Exit.SETTINGS)
    context = house.wire("referral", settings)
    try:
        yield context
    except (sa.exc.OperationalError, sa.exc.ProgrammingError) as error:
        raise Trouble(f"the store of referral does not answer: {error.orig}", Exit.UNREACHABLE) from error
    finally:
        context.store.dispose()


def _check(area: str) -> None:
    if area not in (*CMS_AREAS, people.ALL_AREAS):
        raise Trouble(f"there is no area {area!r}; there are: {', '.join(CMS_AREAS)}, and all", Exit.UNKNOWN)


def _sign(settings: "Settings", claims: dict[str, Any], lasting: timedelta) -> str:
    from chassis.clock import SystemClock
    from chassis.crypto import issue_token
    from chassis.settings import SettingsError

    try:
        return issue_token(settings.keys.token, claims, SystemClock().now(), lasting)
    except SettingsError as error:
        raise Trouble(f"{error}. Is --data the folder of the system?", Exit.SETTINGS) from error
