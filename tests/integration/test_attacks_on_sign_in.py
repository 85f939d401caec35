"""What thieves try at the sign-in, and that each try would be seen to succeed if there were a hole."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from contracts import people
from services.identity.domain import Throttle
from services.identity.web import entrance
from tests import attacks
from tests.accounts import ANOTHER, PASSWORD, Accounts, choose
from tests.visitor import Visitor

EMAIL = "admin@example.ch"
PUBLIC = ("/account/sign-in", "/account/forgotten", "/account/link/nothing", "/nowhere", "/assets/ancrage.css")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Accounts]:
    house = Accounts(tmp_path)
    house.add(EMAIL, people.ADMINISTRATOR)
    yield house
    house.context.store.dispose()


def sign_in(visitor: Visitor, **more: str) -> Any:
    visitor.get("/account/sign-in")
    return visitor.post("/account/sign-in", email=EMAIL, password=PASSWORD, **more)


def forms(house: Accounts) -> list[str]:
    """Every address of identity that takes a form, filled in."""
    rules = [rule for rule in house.app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    pages = [rule.rule for rule in rules if not rule.rule.startswith(("/operations", "/api"))]
    return [each.replace("<id>", "x").replace("<action>", "disable").replace("<token>", "x") for each in pages]


# -- a session that somebody else has prepared --


def by_password(_house: Accounts, visitor: Visitor) -> None:
    sign_in(visitor)


def by_link(house: Accounts, visitor: Visitor) -> None:
    """As somebody who has forgotten the password."""
    asked(house, EMAIL, "/account/forgotten")
    choose(visitor, house.link())


WAYS_IN = (by_password, by_link)


def fixed(house: Accounts, way_in: Callable[[Accounts, Visitor], None]) -> list[str]:
    return attacks.fix_a_session(house.visitor(), house.visitor(), partial(way_in, house), "/account/")


@pytest.mark.parametrize("way_in", WAYS_IN)
def test_a_session_prepared_by_somebody_else_is_worth_nothing_after_signing_in(house: Accounts, way_in: Any) -> None:
    assert fixed(house, way_in) == []


@pytest.mark.parametrize("way_in", WAYS_IN)
def test_a_session_that_goes_on_through_the_sign_in_would_be_found(
    house: Accounts, way_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entrance, "sign_in", attacks.going_on(entrance.sign_in))
    assert "a token from before the sign-in is good after it" in fixed(house, way_in)


# -- forms that another site sends --


def test_no_form_is_taken_that_another_site_has_sent(house: Accounts) -> None:
    paths = forms(house)
    assert len(paths) >= 12
    assert attacks.send_without_token(house.enter(EMAIL), paths) == []


def test_a_form_taken_without_a_token_would_be_found(house: Accounts) -> None:
    house.app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    found = attacks.send_without_token(house.enter(EMAIL), ["/account/session"])
    assert found == ["/account/session: no token", "/account/session: a wrong token"]


def test_a_form_taken_from_another_site_would_be_found(house: Accounts) -> None:
    house.app.before_request_funcs[None] = [
        each for each in house.app.before_request_funcs[None] if each.__name__ != "_refuse_other_sites"
    ]
    visitor = house.enter(EMAIL)
    visitor.get("/account/")
    assert attacks.send_without_token(visitor, ["/account/session"]) == ["/account/session: another site"]


# -- addresses to be led to --


def test_the_sign_in_leads_nowhere_else(house: Accounts) -> None:
    assert attacks.lead_elsewhere(lambda wanted: sign_in(house.visitor(), next=wanted)) == []
    visitor = house.enter(EMAIL)
    asked = attacks.lead_elsewhere(lambda wanted: visitor.get("/account/sign-in", query_string={"next": wanted}))
    assert asked == []


def test_a_sign_in_that_leads_anywhere_would_be_found(house: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entrance, "inside", lambda path, otherwise: path or otherwise)
    found = attacks.lead_elsewhere(lambda wanted: sign_in(house.visitor(), next=wanted))
    assert {"https://evil.example/", "//evil.example"} <= set(found)


@pytest.mark.parametrize("location", ["/", "/referrals/?page=2", "", "account"])
def test_what_stays_on_the_site_is_not_found(location: str) -> None:
    assert not attacks.leaves(location)


# -- what answers tell the browser --


def test_every_answer_tells_the_browser_to_be_careful(house: Accounts) -> None:
    assert attacks.missing_headers(house.visitor(), PUBLIC) == []
    assert attacks.missing_headers(house.enter(EMAIL), ["/account/", "/account/people/"]) == []


def test_a_missing_header_would_be_found(house: Accounts) -> None:
    @house.app.after_request
    def careless(response: Any) -> Any:
        response.headers["Content-Security-Policy"] = "default-src *"
        return response

    house.app.after_request_funcs[None].reverse()
    found = attacks.missing_headers(house.visitor(), ["/account/sign-in"])
    assert "/account/sign-in: Content-Security-Policy lacks \"frame-ancestors 'none'\"" in found


# -- guessing --


def guesses(house: Accounts) -> dict[str, list[str]]:
    """At one account from many places, at many accounts from one, at an open session, and for letters to somebody."""
    found_open, new = house.enter(EMAIL), {"new_password": ANOTHER, "repeated_password": ANOTHER}
    found_open.get("/account/password")

    def at_one(number: int) -> Any:
        visitor = house.visitor(address=f"192.0.2.{number}")
        visitor.get("/account/sign-in")
        return visitor.post("/account/sign-in", email=EMAIL, password=f"guess {number}")

    def at_many(number: int) -> Any:
        visitor = house.visitor(address="198.51.100.1")
        visitor.get("/account/sign-in")
        return visitor.post("/account/sign-in", email=f"{number}@example.ch", password="guess")

    def at_own(number: int) -> Any:
        return found_open.post("/account/password", current_password=f"guess {number}", **new)

    def at_factor(number: int) -> Any:
        return found_open.post("/account/second-factor/turn-off", password=f"guess {number}")

    def for_letters(number: int) -> Any:
        visitor = house.visitor(address=f"203.0.113.{number}")
        visitor.get("/account/forgotten")
        return visitor.post("/account/forgotten", email=EMAIL)

    tries = {"own": attacks.guess(at_own), "factor": attacks.guess(at_factor), "one": attacks.guess(at_one)}
    tries |= {"many": attacks.guess(at_many, 35), "letters": attacks.guess(for_letters)}
    return {name: found for name, found in tries.items() if found}


def test_guessing_is_stopped_wherever_it_is_tried(house: Accounts) -> None:
    assert guesses(house) == {}


def test_guessing_that_nobody_stops_would_be_found(house: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Throttle, "attempt", lambda self, now: None)
    assert set(guesses(house)) == {"own", "factor", "one", "many", "letters"}


# -- who has an account --


def asked(house: Accounts, email: str, path: str, **more: str) -> Any:
    visitor = house.visitor()
    visitor.get(path)
    return visitor.post(path, email=email, **more)


def told_apart(house: Accounts, path: str, **more: str) -> list[str]:
    return attacks.tell_apart(asked(house, EMAIL, path, **more), asked(house, "nobody@example.ch", path, **more))


def test_nobody_learns_who_has_an_account(house: Accounts) -> None:
    assert told_apart(house, "/account/sign-in", password="wrong") == []
    assert told_apart(house, "/account/forgotten") == []


def test_an_answer_that_says_who_has_an_account_would_be_found(house: Accounts) -> None:
    found = told_apart(house, "/account/sign-in", password=PASSWORD)
    assert found == ["status 303 or 422", "where it leads", "what it says"]
