"""How the console asks a service: its operations API, over the network or within the same process."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx

from chassis.clock import Clock
from chassis.crypto import issue_token
from chassis.settings import Settings

#: seconds a service has to answer; a page that waits longer for one that hangs helps nobody
TIMEOUT = httpx.Timeout(4.0, connect=2.0)
#: long enough for a request, and for clocks that differ a little
TOKEN_LASTS = timedelta(minutes=2)


class ServiceDown(RuntimeError):
    """The service does not answer, or not as it should. The message says how, without an address."""


class NotThere(LookupError):
    """The service has no such failure."""


class Refused(ValueError):
    """The service does not do that, for the reason it gives."""


class OperationsClient:
    """One service's operations API. Every method may raise ServiceDown."""

    def __init__(self, service: str, http: httpx.Client, token: Callable[[], str]) -> None:
        self.service = service
        self._http = http
        self._token = token

    def status(self) -> dict[str, Any]:
        """As `chassis.operations.status`."""
        return self._ask("GET", "status")

    def failures(self, state: str | None = None) -> list[dict[str, Any]]:
        """As `chassis.operations.failures`, without personal data."""
        return self._ask("GET", "failures", params={"state": state} if state else {})

    def failure(self, id: int) -> dict[str, Any]:
        """One failure whole, its payload masked; raises NotThere."""
        return self._ask("GET", f"failures/{id}")

    def act(self, id: int, action: str, who: str, why: str) -> dict[str, Any]:
        """`retry` or `discard`; raises NotThere, Refused."""
        return self._ask("POST", f"failures/{id}/{action}", json={"who": who, "why": why})

    def trace(self, reference: str) -> dict[str, Any]:
        """The service's part of a referral's way, as `chassis.operations.trace`."""
        return self._ask("GET", "trace", params={"reference": reference})

    def ended_sessions(self) -> dict[str, datetime]:
        """As identity's `/operations/identity/ended-sessions`."""
        return {id: datetime.fromisoformat(before) for id, before in self._ask("GET", "ended-sessions").items()}

    def audit(self, asked: dict[str, str]) -> list[dict[str, Any]]:
        """What the service noted of who saw or changed what, as `chassis.audit.read_for_keepers`."""
        return self._ask("GET", "audit", params=asked)

    def names(self, accounts: Sequence[str]) -> dict[str, str]:
        """Account -> name; only identity knows any."""
        return self._ask("GET", "names", params={"account": list(accounts)})

    def _ask(self, method: str, path: str, **content: Any) -> Any:
        address = f"/operations/{quote(self.service)}/{path}"
        headers = {"Authorization": f"Bearer {self._token()}"}
        try:
            answer = self._http.request(method, address, headers=headers, **content)
        except httpx.HTTPError as error:
            raise ServiceDown(type(error).__name__) from error
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise NotThere(path)
        if answer.status_code in (httpx.codes.CONFLICT, httpx.codes.UNPROCESSABLE_ENTITY):
            raise Refused(_detail(answer))
        return _content(answer)


def _content(answer: httpx.Response) -> Any:
    if not answer.is_success:
        raise ServiceDown(f"HTTP {answer.status_code}")
    try:
        return answer.json()
    except ValueError as error:
        raise ServiceDown("no JSON") from error


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json().get("detail", ""))
    except (ValueError, AttributeError):
        return f"HTTP {answer.status_code}"


def operations_token(settings: Settings, clock: Clock) -> str:
    """A token with which the console may ask any service."""
    claims = {"sub": "console", "scopes": ["operations"]}
    return issue_token(settings.keys.operations, claims, clock.now(), TOKEN_LASTS)
