"""Puts the console together: a client for each service, reached in this process or at its address."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import httpx

from chassis.clock import Clock, SystemClock
from chassis.settings import Settings, SettingsError
from console.client import TIMEOUT, OperationsClient, ServiceDown, operations_token
from contracts.site import MOUNTS

NAME = "console"
IDENTITY = "identity"
#: every service of the site but this one, in the order of the site
SERVICES = tuple(dict.fromkeys(service for _, service in MOUNTS if service != NAME))

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Answer = TypeVar("Answer")


@dataclass(kw_only=True)
class Console:
    """The console's context. It owns no store."""

    settings: Settings
    clients: Mapping[str, OperationsClient]
    ask_ended_sessions: Callable[[], Mapping[str, datetime]]  #: identity, which may raise ServiceDown
    clock: Clock = field(default_factory=SystemClock)
    name: str = NAME

    def __post_init__(self) -> None:
        self._askers = ThreadPoolExecutor(2 * len(self.clients), thread_name_prefix="console")

    def ask_all(self, ask: Callable[[OperationsClient], Answer]) -> dict[str, Answer | ServiceDown]:
        """Every service's answer, asked at the same time; of those that do not answer, why."""

        def asked(client: OperationsClient) -> Answer | ServiceDown:
            try:
                return ask(client)
            except ServiceDown as down:
                return down

        return dict(zip(self.clients, self._askers.map(asked, self.clients.values()), strict=True))


def wire(settings: Settings, applications: Mapping[str, Wsgi] | None = None, **overrides: Any) -> Console:
    """The console of the site. Services among `applications` are asked within this process.

    The others are asked at ANCRAGE_<SERVICE>_URL; raises SettingsError where that is not set.
    """
    clock = overrides.pop("clock", None) or SystemClock()
    within = applications or {}
    clients = {
        name: OperationsClient(name, _http(name, settings, within.get(name)), lambda: operations_token(settings, clock))
        for name in SERVICES
    }
    asking = clients[IDENTITY].ended_sessions
    return Console(settings=settings, clients=clients, ask_ended_sessions=asking, clock=clock, **overrides)


def _http(name: str, settings: Settings, application: Wsgi | None) -> httpx.Client:
    if application is not None:
        return httpx.Client(base_url="http://localhost", transport=httpx.WSGITransport(app=application))
    variable = f"ANCRAGE_{name.upper()}_URL"
    address = settings.environ.get(variable)
    if not address:
        raise SettingsError(f"{variable} is not set: the address of the service's web process is expected here")
    return httpx.Client(base_url=address, timeout=TIMEOUT)
