"""A form that is sent after the session has ended is kept sealed, and is there again after signing in."""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis import sessions
from chassis.store import kept_forms
from chassis.web.session import IDLE, WARNED
from contracts import people
from tests.accounts import PASSWORD, Accounts
from tests.visitor import Visitor

EMAIL = "admin@example.ch"
TYPED = {"name": "Zoé Perruchoud-Yıldız", "email": "zoe@example.ch", "role": "cms", "language": "de"}
AREAS = ["sierre", "haut-valais"]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Accounts]:
    house = Accounts(tmp_path)
    house.add(EMAIL, people.ADMINISTRATOR)
    yield house
    house.context.store.dispose()


def too_late(house: Accounts) -> tuple[Visitor, Any]:
    """Somebody who filled in a form, went away and sends it after the end; the answer."""
    visitor = house.enter(EMAIL)
    visitor.get("/account/people/new")
    house.clock.move(seconds=IDLE.total_seconds() + 1)
    return visitor, visitor.post("/account/people/new", **TYPED, areas=AREAS)


def sign_in(visitor: Visitor, answer: Any, email: str = EMAIL) -> Any:
    """Follows to the sign-in page, signs in there, and follows again."""
    page = visitor.get(answer.location)
    wanted = re.findall(r'name="next" value="([^"]*)"', page.text)[0]
    entered = visitor.post("/account/sign-in", email=email, password=PASSWORD, next=html.unescape(wanted))
    return visitor.get(entered.location)


def held(page: Any) -> list[tuple[str, str]]:
    found = re.findall(r'<textarea name="([^"]+)" hidden>(.*?)</textarea>', page.text, re.S)
    return [(name, html.unescape(value)) for name, value in found]


def rows(house: Accounts) -> list[Any]:
    with house.context.reading() as session:
        return list(session.execute(sa.select(kept_forms)))


def test_what_was_typed_is_there_again_after_signing_in_and_is_sent_by_a_click(house: Accounts) -> None:
    visitor, answer = too_late(house)
    assert answer.status_code == 302
    page = sign_in(visitor, answer)
    assert page.status_code == 200
    assert held(page) == [*TYPED.items(), ("areas", "sierre"), ("areas", "haut-valais")]
    assert visitor.post("/account/people/new", **TYPED, areas=AREAS).status_code == 303
    assert [letter["To"] for letter in house.post()] == ["zoe@example.ch"]


def test_it_can_be_looked_at_in_its_own_form_before_it_is_sent(house: Accounts) -> None:
    visitor, answer = too_late(house)
    page = sign_in(visitor, answer)
    assert 'name="switch_language"' in page.text.split("<main")[1]
    form = visitor.post("/account/people/new", **TYPED, areas=AREAS, switch_language="fr")
    assert 'value="Zoé Perruchoud-Yıldız"' in form.text
    assert 'value="haut-valais" checked' in form.text
    assert house.post() == [], "nothing was done yet"


def test_loading_the_page_again_loses_nothing(house: Accounts) -> None:
    visitor, answer = too_late(house)
    sign_in(visitor, answer)
    kept = re.findall(r"kept%3D([\w-]+)", answer.location)[0]
    for _ in range(2):
        assert held(visitor.get(f"/account/people/new?kept={kept}"))


def test_nobody_else_gets_to_see_it(house: Accounts) -> None:
    house.add("other@example.ch", people.ADMINISTRATOR)
    visitor, answer = too_late(house)
    page = sign_in(visitor, answer, "other@example.ch")
    assert page.status_code == 200
    assert "Perruchoud" not in page.text
    assert held(page) == []


def test_it_is_kept_sealed_and_not_for_long(house: Accounts) -> None:
    visitor, answer = too_late(house)
    assert "Perruchoud" not in str(rows(house))
    assert re.findall(r"kept%3D([\w-]+)", answer.location)[0] not in str(rows(house))
    house.clock.move(seconds=sessions.FORMS_KEPT.total_seconds() + 1)
    assert held(sign_in(visitor, answer)) == []
    sessions.forget_old(house.context)
    assert rows(house) == []


def test_a_password_is_never_kept(house: Accounts) -> None:
    visitor = house.enter(EMAIL)
    visitor.get("/account/password")
    house.clock.move(hours=2)
    answer = visitor.post("/account/password", current_password=PASSWORD, new_password="x", repeated_password="x")
    assert answer.location == "/account/sign-in?next=/"
    assert rows(house) == []


def test_a_form_that_has_no_page_of_its_own_can_be_sent_as_well(house: Accounts) -> None:
    visitor = house.enter(EMAIL)
    visitor.get("/account/")
    house.clock.move(hours=2)
    page = sign_in(visitor, visitor.post("/account/language", language="de"))
    assert held(page) == [("language", "de")]
    assert "switch_language" not in page.text.split("<main")[1]
    assert visitor.post("/account/language", language="de").status_code == 303


# -- what a page says of the end --


def test_a_page_says_when_the_session_ends_and_that_use_puts_it_off(house: Accounts) -> None:
    visitor = house.enter(EMAIL)
    page = visitor.get("/account/").text
    assert "Sans activité, vous serez déconnecté·e à 11:00." in page
    assert f'data-seconds="3600" data-warned="{WARNED.seconds}" data-extendable' in page
    house.clock.move(minutes=30)
    assert "déconnecté·e à 11:30." in visitor.get("/account/").text


def test_going_on_puts_the_end_off(house: Accounts) -> None:
    visitor = house.enter(EMAIL)
    visitor.get("/account/")
    for _ in range(3):
        house.clock.move(minutes=59)
        assert visitor.post("/account/session").json == {"seconds": 3600}
    assert house.is_in(visitor)


def test_towards_the_longest_time_a_page_does_not_promise_to_go_on(house: Accounts) -> None:
    visitor = house.enter(EMAIL)
    for _ in range(12):
        house.clock.move(minutes=58)
        page = visitor.get("/account/").text
    assert "Vous serez déconnecté·e à 22:00. Ce que vous saisissez pourra être envoyé" in page
    assert "data-extendable" not in page
    assert visitor.post("/account/session").json == {"seconds": 24 * 60}


def test_signed_out_a_page_speaks_of_no_session(house: Accounts) -> None:
    page = house.visitor().get("/account/sign-in").text
    assert "<dialog" not in page
