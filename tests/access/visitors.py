"""One visitor for each column of the tables: everybody who may sign in, every token, and nobody."""

from datetime import timedelta
from typing import Any, Protocol

from werkzeug.test import TestResponse

from chassis.crypto import issue_token
from chassis.web import Person
from contracts import people
from contracts.people import REFERRALS_READ, REFERRALS_WRITE
from services.identity import handlers
from services.identity.domain import Details
from tests.together import Reading, Together, Visitor

OWN, ELSEWHERE = "sion-herens-conthey", "sierre"

#: column -> mailbox: of a demonstration account, or of one of OTHERS
ACCOUNTS = {
    "cms": "cms.sion",
    "other-cms": "cms.sierre",
    "head": "direction.sion",
    "other-head": "direction.martigny",
    "oseo": "oseo",
    "ville": "ville.sion",
    "other-ville": "ville.martigny",
    "sas": "sas",
    "hes-so": "hes-so",
    "operator": "operations",
    "admin": "administration",
}
#: what is said of whom there is no demonstration account for
OTHERS: dict[str, dict[str, Any]] = {
    "direction.martigny": {"role": people.CMS, "areas": ("martigny-entremont",), "rights": (people.HEAD,)},
    "ville.martigny": {"role": people.PARTNER, "partner": "ville-de-martigny", "region": "bas-valais"},
}
NOBODY = "nobody"
#: column -> areas and scopes of a token
TOKENS: dict[str, tuple[list[str], list[str]]] = {
    "t:write": ([OWN], [REFERRALS_WRITE]),
    "t:read": ([OWN], [REFERRALS_READ]),
    "t:elsewhere": ([ELSEWHERE], [REFERRALS_WRITE, REFERRALS_READ]),
    "t:console": ([], ["operations"]),
}
COLUMNS = (*ACCOUNTS, NOBODY, *TOKENS)


class Asking(Protocol):
    def get(self, path: str) -> TestResponse: ...
    def send(self, path: str, method: str = "POST", **fields: Any) -> TestResponse: ...


class Caller:
    """A program with a bearer token; it sends JSON."""

    def __init__(self, world: Together, areas: list[str], scopes: list[str]) -> None:
        keys = world.settings.keys
        key = keys.operations if scopes == ["operations"] else keys.token
        token = issue_token(key, {"sub": "system", "areas": areas, "scopes": scopes}, world.clock.now(), _LASTS)
        self._client = Reading(world.site)
        self._headers = {"Authorization": f"Bearer {token}", "Accept-Language": "fr"}

    def get(self, path: str) -> TestResponse:
        return self._client.get(path, headers=self._headers)

    def send(self, path: str, method: str = "POST", **fields: Any) -> TestResponse:
        return self._client.open(path, method=method, json=fields, headers=self._headers)

    def send_raw(
        self, path: str, body: bytes, method: str = "POST", headers: dict[str, str] | None = None
    ) -> TestResponse:
        """Sends what calls itself JSON as it is."""
        told = self._headers | {"Content-Type": "application/json"} | (headers or {})
        return self._client.open(path, method=method, data=body, headers=told)


_LASTS = timedelta(hours=1)


def everybody(world: Together) -> dict[str, Asking]:
    """By column."""
    people = accounts_of(world)
    visitors: dict[str, Asking] = {column: Visitor(world, people[mailbox]) for column, mailbox in ACCOUNTS.items()}
    visitors[NOBODY] = Visitor(world, None)
    return visitors | {column: Caller(world, *told) for column, told in TOKENS.items()}


def accounts_of(world: Together) -> dict[str, Person]:
    """By mailbox; made where they are not there yet."""
    identity = world.contexts["identity"]
    with identity.unit() as unit:
        handlers.create_demo_accounts(unit)
        for mailbox, told in OTHERS.items():
            if unit.accounts.find(_address(mailbox)) is None:
                handlers.create_account(
                    unit, Details(email=_address(mailbox), name="N", language="fr", **told), "x", by="test"
                )
    with identity.unit() as unit:
        return {mailbox: _person(unit, mailbox) for mailbox in ACCOUNTS.values()}


def _address(mailbox: str) -> str:
    return f"{mailbox}@demo.ancrage.example"


def _person(unit: Any, mailbox: str) -> Person:
    account = unit.accounts.find(_address(mailbox))
    told = {name: getattr(account, name) for name in ("id", "name", "role", "partner", "region")}
    return Person(**told, areas=tuple(account.areas), rights=tuple(account.rights), language="fr")
