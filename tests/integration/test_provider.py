"""Signing in through a provider: a real one in a process of its own, and whatever may be wrong with its answer."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import time_machine

from contracts import people
from services.identity import handlers
from services.identity.web import entrance
from tests import attacks
from tests.accounts import PASSWORD, Accounts
from tests.plant.provider import CLIENT, SECRET, SITE, OpenIDProvider
from tests.plant.server import PATIENCE
from tests.plant.undertaker import Undertaker
from tests.visitor import Visitor, errors_on

EMAIL = "a.rochat@example.ch"
PEOPLE = {
    "sub-rochat": {"email": EMAIL, "email_verified": True},
    "sub-unverified": {"email": EMAIL, "email_verified": False},
    "sub-stranger": {"email": "stranger@example.ch", "email_verified": True},
    "sub-namesake": {"email": EMAIL, "email_verified": True},
}


@pytest.fixture(scope="module")
def provider(undertaker: Undertaker) -> Iterator[OpenIDProvider]:
    provider = OpenIDProvider(undertaker, PEOPLE)
    provider.start()
    yield provider
    provider.kill()


def told(issuer: str) -> dict[str, str]:
    return {
        "ANCRAGE_OIDC_ISSUER": issuer,
        "ANCRAGE_OIDC_CLIENT_ID": CLIENT,
        "ANCRAGE_OIDC_CLIENT_SECRET": SECRET,
        "ANCRAGE_OIDC_NAME": "le canton",
        "ANCRAGE_PUBLIC_URL": SITE,
    }


@pytest.fixture
def house(tmp_path: Path, provider: OpenIDProvider) -> Iterator[Accounts]:
    house = Accounts(tmp_path, told(provider.issuer))
    house.clock.set(datetime.now(UTC))
    yield house
    house.context.store.dispose()


def at_provider(visitor: Visitor, sub: str, next: str = "/") -> str:
    """Goes to the provider, says who they are there, and comes back with this path and query."""
    address = visitor.get(f"/account/provider/?next={next}").location
    with httpx.Client(timeout=PATIENCE) as browser:
        answer = browser.get(address)
        while (address := answer.headers.get("Location", "")) and not address.startswith(SITE):
            who = f"?sub={sub}" if "/who/" in address else ""
            answer = browser.get(answer.url.join(address + who))
    return address.removeprefix(SITE)


def remember(visitor: Visitor, **otherwise: str) -> None:
    """Changes what the visitor's session knows of a sign-in that is under way."""
    with visitor.client.session_transaction() as session:
        (key,) = (name for name in session if name.startswith("_state_provider_"))
        session[key] = session[key] | {"data": session[key]["data"] | otherwise}


def enter(visitor: Visitor, sub: str, next: str = "/") -> Any:
    return visitor.get(at_provider(visitor, sub, next))


def test_whoever_the_provider_vouches_for_is_in(house: Accounts) -> None:
    house.add(EMAIL)
    visitor = house.visitor()
    assert "Se connecter par le canton" in visitor.get("/account/sign-in").text
    assert enter(visitor, "sub-rochat", "/account/password").location == "/account/password"
    assert house.is_in(visitor)


def test_an_invitation_is_accepted_by_it_and_its_link_is_worth_nothing_then(house: Accounts) -> None:
    from services.identity.domain import Details

    details = Details(email=EMAIL, name="N", role=people.SAS, language="fr")
    with house.context.unit() as unit:
        handlers.invite(unit, details, by="test")
    link, visitor = house.link(), house.visitor()
    enter(visitor, "sub-rochat")
    assert house.is_in(visitor)
    assert house.visitor().get(link).status_code == 404


def test_after_the_first_time_the_subject_decides_and_not_the_address(house: Accounts) -> None:
    id = house.add(EMAIL)
    enter(house.visitor(), "sub-rochat")
    assert enter(house.visitor(), "sub-namesake").status_code == 403, "the address is somebody's already"
    with house.context.unit() as unit:
        unit.accounts.get(id).email = "other@example.ch"
    visitor = house.visitor()
    enter(visitor, "sub-rochat")
    assert house.is_in(visitor)


@pytest.mark.parametrize(
    ("sub", "said"),
    [
        ("sub-stranger", "Il n’existe ici aucun compte pour vous."),
        ("sub-unverified", "Votre adresse e-mail n’y est pas vérifiée."),
    ],
)
def test_no_account_is_made_or_opened_by_an_address_alone(house: Accounts, sub: str, said: str) -> None:
    house.add(EMAIL)
    visitor = house.visitor()
    answer = enter(visitor, sub)
    assert answer.status_code == 403
    assert errors_on(answer)[0].startswith(said)
    assert not house.is_in(visitor)


def test_a_disabled_account_stays_shut(house: Accounts) -> None:
    id = house.add(EMAIL)
    enter(house.visitor(), "sub-rochat")
    with house.context.unit() as unit:
        handlers.disable_account(unit, id, by="test")
    visitor = house.visitor()
    assert enter(visitor, "sub-rochat").status_code == 403
    assert not house.is_in(visitor)


def refused(house: Accounts, visitor: Visitor, back: str) -> bool:
    answer = visitor.get(back)
    return answer.status_code == 403 and not house.is_in(visitor)


def test_an_answer_that_this_browser_did_not_ask_for_is_refused(house: Accounts) -> None:
    house.add(EMAIL)
    asked, other = house.visitor(), house.visitor()
    back = at_provider(asked, "sub-rochat")
    assert refused(house, other, back)
    assert refused(house, asked, back.replace("state=", "state=x"))


def test_an_answer_is_good_once(house: Accounts) -> None:
    house.add(EMAIL)
    visitor = house.visitor()
    back = at_provider(visitor, "sub-rochat")
    visitor.get(back)
    assert house.is_in(visitor)
    thief = house.visitor()
    thief.client.set_cookie("ancrage", "")
    assert refused(house, thief, back)


def test_another_nonce_is_refused(house: Accounts) -> None:
    house.add(EMAIL)
    visitor = house.visitor()
    back = at_provider(visitor, "sub-rochat")
    remember(visitor, nonce="another")
    assert refused(house, visitor, back)


def test_a_code_without_the_verifier_that_belongs_to_it_is_refused(house: Accounts) -> None:
    house.add(EMAIL)
    visitor = house.visitor()
    back = at_provider(visitor, "sub-rochat")
    remember(visitor, code_verifier="x" * 48)
    assert refused(house, visitor, back)


def test_an_answer_of_long_ago_is_refused(house: Accounts) -> None:
    house.add(EMAIL)
    visitor = house.visitor()
    back = at_provider(visitor, "sub-rochat")
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=3)):
        assert refused(house, visitor, back)


def test_another_issuer_is_refused(tmp_path: Path, provider: OpenIDProvider) -> None:
    house = Accounts(tmp_path, told(provider.issuer.replace("127.0.0.1", "localhost")))
    house.clock.set(datetime.now(UTC))
    house.add(EMAIL)
    visitor = house.visitor()
    assert refused(house, visitor, at_provider(visitor, "sub-rochat"))
    house.context.store.dispose()


def test_the_request_has_state_nonce_and_a_challenge_and_names_nobody(house: Accounts) -> None:
    asked = parse_qs(urlsplit(house.visitor().get("/account/provider/").location).query)
    assert {"state", "nonce", "code_challenge", "redirect_uri"} <= set(asked)
    assert (asked["code_challenge_method"], asked["response_type"]) == (["S256"], ["code"])
    assert asked["redirect_uri"] == [f"{SITE}/account/provider/back"]


def test_it_leads_nowhere_else(house: Accounts) -> None:
    house.add(EMAIL)
    assert enter(house.visitor(), "sub-rochat", "https://evil.example").location == "/"


def test_after_signing_out_here_one_may_sign_out_there(house: Accounts, provider: OpenIDProvider) -> None:
    house.add(EMAIL)
    visitor = house.visitor()
    enter(visitor, "sub-rochat")
    visitor.get("/account/")
    page = visitor.get(visitor.post("/account/sign-out").location)
    assert 'href="/account/provider/leave"' in page.text
    there = visitor.get("/account/provider/leave").location
    assert there.startswith(provider.issuer)
    assert parse_qs(urlsplit(there).query)["post_logout_redirect_uri"] == [f"{SITE}/account/sign-in"]
    assert httpx.get(there).status_code == 200


def fixed(house: Accounts) -> list[str]:
    return attacks.fix_a_session(house.visitor(), house.visitor(), lambda who: enter(who, "sub-rochat"), "/account/")


def test_a_session_prepared_by_somebody_else_is_worth_nothing_after_coming_back(
    house: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.add(EMAIL)
    assert fixed(house) == []
    monkeypatch.setattr(entrance, "sign_in", attacks.going_on(entrance.sign_in))
    assert fixed(house) == ["a token from before the sign-in is good after it"], "one that goes on is found"


def test_with_the_provider_away_one_still_signs_in_by_password(tmp_path: Path) -> None:
    house = Accounts(tmp_path, told("http://127.0.0.1:9"))
    house.add(EMAIL)
    answer = house.visitor().get("/account/provider/")
    assert answer.status_code == 503
    assert house.is_in(house.enter(EMAIL, PASSWORD))
    house.context.store.dispose()


def test_without_a_provider_there_is_no_such_page(tmp_path: Path) -> None:
    house = Accounts(tmp_path)
    assert "/account/provider" not in house.visitor().get("/account/sign-in").text
    assert house.visitor().get("/account/provider/").status_code == 404
    house.context.store.dispose()
