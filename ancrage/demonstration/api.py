"""The public API of a running system, as another system would use it."""

from typing import Any

import httpx

from ancrage.demonstration.rows import Body
from ancrage.trouble import Exit, Trouble

TIMEOUT = httpx.Timeout(30.0, connect=5.0)


class Api:
    """`url` of the site, `token` of one who may send, `language` (fr, de) of what is answered.

    Every method raises Trouble where the system does not answer or does not accept the token.
    """

    def __init__(self, url: str, token: str, language: str, transport: httpx.BaseTransport | None = None) -> None:
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT, transport=transport)

    def send(self, body: Body) -> tuple[str | None, str]:
        """(reference, "") of the referral taken, or (None, why it was not)."""
        answer = self._ask("POST", "/api/referrals", body)
        content = _json(answer)
        if answer.status_code == httpx.codes.CREATED:
            return str(content["reference"]), ""
        if answer.status_code in (httpx.codes.CONFLICT, httpx.codes.UNPROCESSABLE_ENTITY):
            return None, _why(content)
        raise Trouble(f"the system answered {answer.status_code} to a referral: {_why(content)}", Exit.REFUSED)

    def view(self, reference: str) -> dict[str, Any]:
        """status, criteria, placement and timeline of the referral."""
        answer = self._ask("GET", f"/api/referrals/{reference}")
        if answer.status_code != httpx.codes.OK:
            raise Trouble(f"{reference} cannot be read: the system answered {answer.status_code}", Exit.REFUSED)
        return _json(answer)

    def _ask(self, method: str, path: str, body: Body | None = None) -> httpx.Response:
        try:
            answer = self._http.request(method, path, json=body)
        except httpx.HTTPError as error:
            where = self._http.base_url
            raise Trouble(
                f"{where} does not answer ({type(error).__name__}); is it running?", Exit.UNREACHABLE
            ) from error
        if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise Trouble("the token is not accepted; make one with: ancrage token --area all", Exit.REFUSED)
        return answer


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        content = answer.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _why(content: dict[str, Any]) -> str:
    """The answer's own words; of a form's errors, each with its field."""
    errors = content.get("errors")
    if isinstance(errors, list) and errors:
        return "; ".join(f"{_field(error)}: {_first(error)}" for error in errors)
    return str(content.get("detail") or content.get("title") or "no reason given")


def _field(error: dict[str, str]) -> str:
    return error.get("pointer", "").removeprefix("#/") or error.get("parameter", "")


def _first(error: dict[str, str]) -> str:
    """The first sentence: what is wrong; what can be done about it follows for those who fill in forms."""
    return error.get("detail", "").split(". ")[0].rstrip(".")
