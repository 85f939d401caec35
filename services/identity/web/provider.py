"""The way in through a provider: authorization code with PKCE, state and nonce, all of them Authlib's work."""

from typing import Any

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, Flask, abort, current_app, redirect, request, session, url_for
from joserfc.errors import JoseError

from chassis.web import current_context, current_person, inside, see, t
from services.identity import handlers
from services.identity.domain import ProviderRefused, Told
from services.identity.web import words
from services.identity.web.entrance import CAME_BY_PROVIDER, enter, show_sign_in
from services.identity.wiring import Provider

blueprint = Blueprint("provider", __name__, url_prefix="/account/provider")

_NAME = "provider"
#: in the session: where somebody wanted to go
WANTED = "provider_wanted"
_TIMEOUT_S = 10


def register(app: Flask, provider: Provider | None) -> None:
    """Makes the client; what the provider is like is asked when somebody first signs in through it."""
    if provider is None:
        return
    OAuth(app).register(
        _NAME,
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        server_metadata_url=f"{provider.issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid email", "code_challenge_method": "S256", "default_timeout": _TIMEOUT_S},
    )


@blueprint.get("/")
def begin() -> Any:
    """To the provider; it leads back to `come_back`."""
    client = _client()
    session[WANTED] = inside(request.args.get("next"), "/")
    try:
        return client.authorize_redirect(_address(".come_back"))
    except (OAuthError, requests.RequestException, JoseError, ValueError):
        return show_sign_in({}, {"email": [t(words.PROVIDER_AWAY)]}, 503)


@blueprint.get("/back")
def come_back() -> Any:
    client, wanted = _client(), session.pop(WANTED, "/")
    try:
        told = _told(client)
        account = handlers.enter_by_provider(current_context(), told)
    except ProviderRefused as refusal:
        return show_sign_in({}, {"email": [t(words.PROVIDER_REFUSED[refusal.reason])]}, 403)
    except (OAuthError, requests.RequestException, JoseError, ValueError, RuntimeError):
        # not ours, too old, meant for another, or changed on its way: nothing in it is to be believed
        return show_sign_in({}, {"email": [t(words.PROVIDER_FAILED)]}, 403)
    answer = enter(account, wanted)
    session[CAME_BY_PROVIDER] = True
    return answer


@blueprint.get("/leave")
def leave() -> Any:
    """Ends the session at the provider, too, for whoever has ended ours."""
    client = _client()
    if current_person() is not None:
        return see("/")
    back = _address("entrance.sign_in_page")
    try:
        told = client.create_logout_url(post_logout_redirect_uri=back, client_id=client.client_id)
    except (RuntimeError, requests.RequestException):  # it knows no such thing, or is away
        return see(url_for("entrance.sign_in_page"))
    return redirect(told["url"])


def _told(client: Any) -> Told:
    """Raises what Authlib raises where state, nonce, signature, issuer, audience or time are wrong."""
    issuer = current_context().provider.issuer
    expected = {"iss": {"essential": True, "value": issuer}, "sub": {"essential": True}}
    claims = client.authorize_access_token(claims_options=expected).get("userinfo")
    if not claims:
        raise ValueError("the provider sent no id token")
    return Told(
        issuer=issuer,
        subject=str(claims["sub"]),
        email=claims.get("email"),
        email_verified=claims.get("email_verified") is True,
    )


def _client() -> Any:
    oauth = current_app.extensions.get("authlib.integrations.flask_client")
    if oauth is None:
        abort(404)
    return getattr(oauth, _NAME)


def _address(endpoint: str) -> str:
    return f"{current_context().settings.public_url}{url_for(endpoint)}"
