"""A second factor as people use it: set up, asked for, lost, turned off, demanded."""

import html
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa

from chassis.settings import Settings, SettingsError
from contracts import people
from services.identity import handlers
from services.identity.domain import Account
from services.identity.store import second_factors
from services.identity.web import entrance
from services.identity.wiring import wire
from tests import attacks
from tests.accounts import ANOTHER, PASSWORD, Accounts, choose
from tests.visitor import Visitor, errors_on

EMAIL = "a.rochat@example.ch"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Accounts]:
    house = Accounts(tmp_path)
    house.add(EMAIL)
    yield house
    house.context.store.dispose()


class Device:
    """A telephone that has taken the key from the page."""

    def __init__(self, house: Accounts, page: str) -> None:
        (key,) = re.findall(r'class="ancrage-code">([A-Z2-7 ]+)<', page)
        self.totp, self.clock = pyotp.TOTP(key.replace(" ", "")), house.clock

    def code(self, later: int = 0) -> str:
        return str(self.totp.at(int(self.clock.now().timestamp()) + 30 * later))


def begun(visitor: Visitor) -> str:
    visitor.get("/account/second-factor")
    visitor.post("/account/second-factor/begin")
    return visitor.get("/account/second-factor").text


def set_up(house: Accounts, email: str = EMAIL) -> tuple[Device, list[str]]:
    """The device, and the recovery codes that the page showed; half a minute passes."""
    visitor = house.enter(email)
    device = Device(house, begun(visitor))
    page = visitor.post("/account/second-factor", code=device.code())
    assert page.status_code == 200
    house.clock.move(seconds=30)
    return device, re.findall(r"<li>([a-z2-9]{5}-[a-z2-9]{5})</li>", page.text)


def second_step(visitor: Visitor, code: str) -> Any:
    visitor.get("/account/second-step")
    return visitor.post("/account/second-step", code=code)


def test_the_page_shows_the_key_as_text_and_as_a_picture(house: Accounts) -> None:
    page = begun(house.enter(EMAIL))
    assert 'src="data:image/svg+xml' in page
    assert 'alt="Code QR avec la clé ci-dessous"' in page
    assert len(Device(house, page).code()) == 6


def test_nothing_is_asked_for_before_a_first_code_was_right(house: Accounts) -> None:
    visitor = house.enter(EMAIL)
    begun(visitor)
    assert visitor.post("/account/second-factor", code="000000").status_code == 422
    assert house.is_in(house.enter(EMAIL))


def test_after_the_password_a_code_is_asked_for_and_leads_where_one_wanted_to_go(house: Accounts) -> None:
    device, _codes = set_up(house)
    visitor = house.enter(EMAIL, next="/account/password")
    assert visitor.answer.location == "/account/second-step"
    assert not house.is_in(visitor)
    assert second_step(visitor, device.code()).location == "/account/password"
    assert house.is_in(visitor)


def test_a_code_is_taken_once_and_an_earlier_one_not_after_it(house: Accounts) -> None:
    device, _codes = set_up(house)
    code, earlier = device.code(), device.code(-1)
    assert second_step(house.enter(EMAIL), code).status_code == 303
    for used in (code, earlier):
        answer = second_step(house.enter(EMAIL), used)
        assert answer.status_code == 422
        assert errors_on(answer) == ["Ce code est faux ou a déjà été utilisé. Attendez le suivant."]


def test_a_clock_may_be_off_by_half_a_minute_and_no_more(house: Accounts) -> None:
    device, _codes = set_up(house)
    assert second_step(house.enter(EMAIL), device.code(2)).status_code == 422
    assert second_step(house.enter(EMAIL), device.code(1)).status_code == 303
    house.clock.move(minutes=2)
    assert second_step(house.enter(EMAIL), device.code(-2)).status_code == 422
    assert second_step(house.enter(EMAIL), device.code(-1)).status_code == 303


def test_guessing_codes_gets_slower_even_with_new_sign_ins(house: Accounts) -> None:
    device, _codes = set_up(house)
    answers = [second_step(house.enter(EMAIL), "000000").status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]
    assert second_step(house.enter(EMAIL), device.code()).status_code == 429, "even the right one"
    house.clock.move(seconds=30)
    assert second_step(house.enter(EMAIL), device.code()).status_code == 303


def test_each_recovery_code_lets_in_once(house: Accounts) -> None:
    _device, codes = set_up(house)
    assert len(set(codes)) == 8
    assert second_step(house.enter(EMAIL), f" {codes[0].upper()} ").status_code == 303
    assert second_step(house.enter(EMAIL), codes[0]).status_code == 422
    assert second_step(house.enter(EMAIL), codes[1]).status_code == 303


def test_the_store_holds_neither_key_nor_recovery_codes(house: Accounts) -> None:
    device, codes = set_up(house)
    with house.context.reading() as session:
        held = str(session.execute(sa.select(second_factors)).all())
    assert device.totp.secret not in held
    assert not [code for code in codes if code in held]


def test_the_time_for_the_second_step_ends(house: Accounts) -> None:
    set_up(house)
    visitor = house.enter(EMAIL)
    house.clock.move(minutes=14)
    assert visitor.get("/account/second-step").status_code == 200
    house.clock.move(minutes=1)
    assert visitor.get("/account/second-step").location == "/account/sign-in"


def test_nobody_comes_to_the_second_step_without_the_password(house: Accounts) -> None:
    set_up(house)
    assert house.visitor().get("/account/second-step").location == "/account/sign-in"
    assert house.enter(EMAIL, "wrong").get("/account/second-step").location == "/account/sign-in"


def with_code(device: Device, visitor: Visitor) -> None:
    visitor.get("/account/sign-in")
    visitor.post("/account/sign-in", email=EMAIL, password=PASSWORD)
    second_step(visitor, device.code())
    device.clock.move(seconds=30)


def with_password_only(_device: Device, visitor: Visitor) -> None:
    visitor.get("/account/sign-in")
    visitor.post("/account/sign-in", email=EMAIL, password=PASSWORD)


#: how far somebody comes, which page shows it, and all that begins their session anew on the way
STEPS = [(with_code, "/account/", ["sign_out", "sign_in"]), (with_password_only, "/account/second-step", ["sign_out"])]


@pytest.mark.parametrize(("come", "page", "anew"), STEPS)
def test_a_session_prepared_by_somebody_else_is_worth_nothing_after_either_step(
    house: Accounts, come: Any, page: str, anew: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    device, _codes = set_up(house)

    def fixed() -> list[str]:
        return attacks.fix_a_session(house.visitor(), house.visitor(), partial(come, device), page)

    assert fixed() == []
    for each in anew:
        monkeypatch.setattr(entrance, each, attacks.going_on(getattr(entrance, each)))
    assert fixed() == ["a token from before the sign-in is good after it"], "one that goes on is found"


def disabled(house: Accounts, id: str) -> None:
    with house.context.unit() as unit:
        handlers.disable_account(unit, id, by="somebody")


def with_a_new_password(house: Accounts, id: str) -> None:
    handlers.change_password(house.context, id, PASSWORD, ANOTHER)


@pytest.mark.parametrize("change", [disabled, with_a_new_password])
def test_what_ends_sessions_ends_one_that_waits_for_its_second_step(
    tmp_path: Path, change: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = Accounts(tmp_path)
    id = house.add(EMAIL)
    device, _codes = set_up(house)
    waiting = house.enter(EMAIL)
    waiting.get("/account/second-step")
    house.clock.move(seconds=1)
    change(house, id)
    answer = waiting.post("/account/second-step", code=device.code())
    assert answer.location == "/account/sign-in"
    assert "person" not in session_of(waiting)
    monkeypatch.setattr(Account, "allows_session_since", lambda _self, _began: True)
    monkeypatch.setattr(Account, "is_disabled", False)
    waiting.post("/account/second-step", code=device.code())
    assert "person" in session_of(waiting), "a step that asks nobody is found"
    house.context.store.dispose()


def session_of(visitor: Visitor) -> dict[str, Any]:
    with visitor.client.session_transaction() as session:
        return dict(session)


def test_a_link_to_a_new_password_does_not_pass_the_second_factor_by(house: Accounts) -> None:
    device, _codes = set_up(house)
    visitor = house.visitor()
    visitor.get("/account/forgotten")
    visitor.post("/account/forgotten", email=EMAIL)
    assert choose(visitor, house.link()).location == "/account/second-step"
    assert not house.is_in(visitor)
    assert second_step(visitor, device.code()).status_code == 303


def test_it_is_turned_off_with_the_password_and_its_owner_told(house: Accounts) -> None:
    device, _codes = set_up(house)
    visitor = house.enter(EMAIL)
    second_step(visitor, device.code())
    visitor.get("/account/second-factor")
    assert visitor.post("/account/second-factor/turn-off", password="wrong").status_code == 422
    assert visitor.post("/account/second-factor/turn-off", password=PASSWORD).location == "/account/"
    assert house.is_in(house.enter(EMAIL))
    assert house.post()[-1]["Subject"] == "Ancrage\u00a0: Votre second facteur a été désactivé"


def test_an_administrator_lets_somebody_in_who_has_lost_everything(house: Accounts) -> None:
    device, _codes = set_up(house)
    house.add("admin@example.ch", people.ADMINISTRATOR)
    administrator, stolen = house.enter("admin@example.ch"), house.enter(EMAIL)
    second_step(stolen, device.code())
    house.clock.move(seconds=1)
    people_page = administrator.get("/account/people/").text
    (id,) = [id for id in re.findall(r"/account/people/([0-9a-f-]{36})", people_page) if is_of(administrator, id)]
    assert administrator.post(f"/account/people/{id}/reset-second-factor").status_code == 303
    assert not house.is_in(stolen)
    assert house.is_in(house.enter(EMAIL))
    assert "Second facteur désactivé par l’administration" in html.unescape(
        administrator.get(f"/account/people/{id}").text
    )


def is_of(administrator: Visitor, id: str) -> bool:
    return EMAIL in administrator.get(f"/account/people/{id}").text.replace("<wbr>", "")


def test_a_role_may_demand_it_and_lets_nobody_in_before(tmp_path: Path) -> None:
    house = Accounts(tmp_path, {"ANCRAGE_SECOND_FACTOR_ROLES": "administrator, operator"})
    house.add("admin@example.ch", people.ADMINISTRATOR)
    house.add(EMAIL)
    assert house.is_in(house.enter(EMAIL)), "no other role"
    visitor = house.enter("admin@example.ch")
    assert visitor.answer.location == "/account/second-factor"
    assert visitor.get("/account/people/").status_code == 302
    device = Device(house, begun(visitor))
    assert visitor.post("/account/second-factor", code=device.code()).status_code == 200
    assert visitor.get("/account/people/").status_code == 200
    assert house.enter("admin@example.ch").answer.location == "/account/second-step"
    house.context.store.dispose()


def test_a_role_that_does_not_exist_is_a_wrong_setting(tmp_path: Path) -> None:
    settings = Settings.read({"ANCRAGE_SECOND_FACTOR_ROLES": "boss"}, data=tmp_path, create=True)
    with pytest.raises(SettingsError, match="boss is no role"):
        wire(settings)


def test_a_new_password_of_ones_own_keeps_one_signed_in(house: Accounts) -> None:
    device, _codes = set_up(house)
    visitor = house.enter(EMAIL)
    second_step(visitor, device.code())
    visitor.get("/account/password")
    new = {"new_password": ANOTHER, "repeated_password": ANOTHER}
    assert visitor.post("/account/password", current_password=PASSWORD, **new).location == "/account/"
    assert house.is_in(visitor)
