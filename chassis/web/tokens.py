"""Who calls the API: bearer tokens, signed by us."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import g, request

from chassis.crypto import TokenRefused, read_token
from chassis.i18n import mark as _
from chassis.web.errors import problem
from chassis.web.language import t
from chassis.web.state import current_context, current_state, now

OPERATIONS = "operations"


def current_token() -> dict[str, Any]:
    """The claims of the token that `requires_token` let in: `sub`, `areas`, `scopes`."""
    return g.token


def requires_token(scope: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Lets only callers in whose bearer token holds `scope`: otherwise 401 (no or wrong token) or 403 (scope)."""

    def wrap(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            refusal = _check(scope)
            return view(*args, **kwargs) if refusal is None else refusal

        guarded.required_scope = scope  # type: ignore[attr-defined]  # read by the test that walks all addresses
        return guarded

    return wrap


def _check(scope: str) -> Any:
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        return _refuse("", t(_("Send a token in the header Authorization (Bearer).")))
    keys = current_context().settings.keys
    try:
        claims = read_token(keys.operations if scope == OPERATIONS else keys.token, token.strip(), now())
    except TokenRefused:
        return _refuse(' error="invalid_token"', t(_("The token is wrong or has expired.")))
    if scope != OPERATIONS and not current_state().lets_in(claims):
        return _refuse(' error="invalid_token"', t(_("The token was ended.")))
    if scope not in claims.get("scopes", ()):
        return problem(403, t(_("The token does not allow this: it lacks the scope %(scope)s."), scope=scope))
    g.token = claims
    return None


def _refuse(detail: str, message: str) -> Any:
    return problem(401, message, headers={"WWW-Authenticate": f'Bearer realm="ancrage"{detail}'})
