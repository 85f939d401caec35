"""What make_app gave the app, for the rest of chassis/web to find."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from flask import current_app

from chassis.i18n import Catalogue

_KEY = "ancrage"


class Entry(Protocol):
    """A line of the navigation, as contracts.site declares it."""

    @property
    def path(self) -> str: ...
    @property
    def text(self) -> dict[str, str]: ...
    @property
    def roles(self) -> frozenset[str]: ...
    @property
    def right(self) -> str | None: ...


@dataclass(frozen=True)
class State:
    """The service's context, its words, the site's navigation, and checks of sessions and API tokens (`None`: none)."""

    context: Any
    catalogue: Catalogue
    navigation: Sequence[Entry]
    session_check: Callable[[Any, datetime], bool]
    token_check: Callable[[Mapping[str, Any]], bool] | None = None

    def lets_in(self, claims: Mapping[str, Any]) -> bool:
        """Whether an API token of ours that has not expired still counts."""
        return self.token_check is None or self.token_check(claims)


def keep_state(app: Any, state: State) -> None:
    app.extensions[_KEY] = state


def current_state() -> State:
    return current_app.extensions[_KEY]


def current_context() -> Any:
    """The wired context of the service that this app belongs to."""
    return current_state().context


def now() -> datetime:
    """The present by the context's clock, aware, in UTC."""
    clock = getattr(current_context(), "clock", None)
    return clock.now() if clock is not None else datetime.now(UTC)
