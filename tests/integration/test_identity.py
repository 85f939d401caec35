"""Signing in, one's own account and everybody's, on both databases."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Flask

from chassis.settings import Settings
from chassis.testing import FrozenClock
from contracts import people
from contracts.vocabulary import CMS_AREAS
from services.identity import handlers, queries
from services.identity.domain import Details, EmailTaken, SignInRefused, TooManyAttempts
from services.identity.store import Passwords, accounts
from services.identity.web import create_app
from services.identity.wiring import IdentityContext, wire
from tests.accounts import CHEAP, PASSWORD
from tests.migrated import bring_up
from tests.visitor import Visitor, errors_on


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture(params=["sqlite", "postgresql"])
def context(request: pytest.FixtureRequest, tmp_path: Path, clock: FrozenClock) -> Iterator[IdentityContext]:
    told = {}
    if request.param == "postgresql":
        told = {"ANCRAGE_IDENTITY_DATABASE_URL": request.getfixturevalue("database_url")}
    settings = Settings.read(told, data=tmp_path, create=True)
    context = wire(settings, clock=clock, passwords=Passwords(CHEAP))
    bring_up(context.store)
    yield context
    context.store.dispose()


@pytest.fixture
def app(context: IdentityContext) -> Flask:
    return create_app(context)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app)


def account(context: IdentityContext, email: str, role: str = people.CMS, *, password: str = PASSWORD) -> str:
    """Id of a new account whose password its owner has chosen already."""
    areas = CMS_AREAS[:1] if role == people.CMS else ()
    details = Details(email=email, name="Amandine Rochat", role=role, language="fr", areas=areas)
    hashed = context.passwords.hash(password)
    with context.unit() as unit:
        made = handlers.create_account(unit, details, hashed, by="test")
        made.choose_password(hashed, unit.now)
    return made.id


def enter(visitor: Visitor, email: str, password: str = PASSWORD, path: str = "/account/sign-in", **more: str):
    visitor.get("/account/sign-in")
    return visitor.post(path, email=email, password=password, **more)


# -- signing in --


@pytest.mark.parametrize(
    ("role", "first"),
    [
        (people.CMS, "/referrals/"),
        (people.OSEO, "/placement/"),
        (people.EVALUATOR, "/evaluation/"),
        (people.OPERATOR, "/console/"),
        (people.ADMINISTRATOR, "/console/"),
    ],
)
def test_each_role_begins_where_its_work_is(context: IdentityContext, visitor: Visitor, role: str, first: str) -> None:
    account(context, "a.rochat@example.ch", role)
    assert enter(visitor, "a.rochat@example.ch").location == "/"
    assert visitor.get("/").location == first


def test_the_address_may_be_typed_in_capitals(context: IdentityContext, visitor: Visitor) -> None:
    account(context, "a.rochat@example.ch")
    assert enter(visitor, " A.Rochat@Example.CH").status_code == 303


def test_signed_out_the_start_page_asks_to_sign_in(visitor: Visitor) -> None:
    assert visitor.get("/").location.startswith("/account/sign-in")


def test_after_signing_in_one_is_where_one_wanted_to_go(context: IdentityContext, visitor: Visitor) -> None:
    account(context, "a.rochat@example.ch")
    page = visitor.get("/account/sign-in?next=/referrals/new").text
    assert 'name="next" value="/referrals/new"' in page
    assert enter(visitor, "a.rochat@example.ch", next="/referrals/new").location == "/referrals/new"


@pytest.mark.parametrize("wanted", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_signing_in_leads_nowhere_else(context: IdentityContext, app: Flask, wanted: str) -> None:
    account(context, "a.rochat@example.ch")
    assert enter(Visitor(app), "a.rochat@example.ch", next=wanted).location == "/"
    signed_in = Visitor(app)
    enter(signed_in, "a.rochat@example.ch")
    assert signed_in.get("/account/sign-in", query_string={"next": wanted}).location == "/"


def test_who_is_unknown_wrong_or_disabled_hears_the_same(context: IdentityContext, app: Flask) -> None:
    account(context, "right@example.ch")
    disabled = account(context, "disabled@example.ch")
    with context.unit() as unit:
        handlers.disable_account(unit, disabled, by="test")
    heard = set()
    for email, password in (
        ("nobody@example.ch", PASSWORD),
        ("right@example.ch", "wrong words here"),
        ("disabled@example.ch", PASSWORD),
    ):
        answer = enter(Visitor(app), email, password)
        page = re.sub(r'value="[^"]*"', "", answer.text)  # what was typed, and the token
        heard.add((answer.status_code, page))
    assert len(heard) == 1
    assert "L’adresse e-mail ou le mot de passe est faux." in page


def test_an_unknown_address_costs_as_much_hashing_as_a_known_one(
    context: IdentityContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    account(context, "right@example.ch")
    checked: list[str] = []
    verify = CHEAP.verify
    monkeypatch.setattr(
        type(CHEAP), "verify", lambda self, hashed, given: checked.append(hashed) or verify(hashed, given)
    )
    for email in ("right@example.ch", "nobody@example.ch"):
        with pytest.raises(SignInRefused):
            handlers.check_password(context, email, "wrong words here", "192.0.2.7")
    assert len(checked) == 2
    assert len({hashed.rsplit("$", 2)[0] for hashed in checked}) == 1, "with the same parameters"


def test_no_password_comes_back_in_a_page(context: IdentityContext, visitor: Visitor) -> None:
    assert "wrong words here" not in enter(visitor, "nobody@example.ch", "wrong words here").text
    visitor.get("/account/sign-in")
    page = visitor.post("/account/sign-in", email="a@b.ch", password="wrong words here", switch_language="de")
    assert 'value="a@b.ch"' in page.text
    assert "wrong words here" not in page.text


def test_guessing_at_an_account_gets_slower_and_says_so(
    context: IdentityContext, app: Flask, clock: FrozenClock
) -> None:
    account(context, "a.rochat@example.ch")
    for n in range(5):  # from different places
        assert enter(Visitor(app, address=f"192.0.2.{n}"), "a.rochat@example.ch", "wrong").status_code == 422
    answer = enter(Visitor(app, address="198.51.100.1"), "a.rochat@example.ch")
    assert answer.status_code == 429, "even with the right password"
    assert errors_on(answer) == ["Trop de tentatives. Réessayez dans 10 secondes."]
    clock.move(seconds=10)
    assert enter(Visitor(app), "a.rochat@example.ch").status_code == 303
    assert enter(Visitor(app), "a.rochat@example.ch", "wrong").status_code == 422, "success began anew"


def test_an_account_that_does_not_exist_is_blocked_just_the_same(app: Flask) -> None:
    answers = [enter(Visitor(app), "nobody@example.ch", "wrong").status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]


def test_guessing_at_many_accounts_from_one_place_gets_slower(context: IdentityContext, app: Flask) -> None:
    account(context, "a.rochat@example.ch")
    place = Visitor(app, address="2001:db8:1:2:aaaa::1")
    for n in range(30):
        assert enter(place, f"guess{n}@example.ch", "wrong").status_code == 422
    same_network = Visitor(app, address="2001:db8:1:2:bbbb::9")
    assert enter(same_network, "a.rochat@example.ch").status_code == 429
    assert enter(Visitor(app, address="2001:db8:1:3::1"), "a.rochat@example.ch").status_code == 303


def test_many_guesses_at_the_same_time_count_as_many(context: IdentityContext) -> None:
    refused: list[type[Exception]] = []

    def guess() -> None:
        try:
            handlers.check_password(context, "nobody@example.ch", "wrong", "192.0.2.7")
        except (SignInRefused, TooManyAttempts) as error:
            refused.append(type(error))

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused.count(SignInRefused) == 5
    assert refused.count(TooManyAttempts) == 7


def test_neither_addresses_nor_names_are_kept_of_attempts(context: IdentityContext) -> None:
    with pytest.raises(SignInRefused):
        handlers.check_password(context, "nobody@example.ch", "wrong", "192.0.2.7")
    with context.reading() as session:
        rows = str(session.execute(sa.text("SELECT * FROM sign_in_throttles")).all())
    assert "nobody" not in rows
    assert "192.0.2" not in rows


def test_old_attempts_are_forgotten(context: IdentityContext, clock: FrozenClock) -> None:
    with pytest.raises(SignInRefused):
        handlers.check_password(context, "nobody@example.ch", "wrong", "192.0.2.7")
    clock.move(hours=23)
    assert handlers.forget_attempts(context) == 0
    clock.move(hours=2)
    assert handlers.forget_attempts(context) == 2


def test_a_password_hashed_with_older_parameters_is_hashed_anew_at_sign_in(context: IdentityContext) -> None:
    id = account(context, "a.rochat@example.ch")
    context.passwords = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    handlers.check_password(context, "a.rochat@example.ch", PASSWORD, "192.0.2.7")
    with context.reading() as session:
        hashed = session.scalar(sa.select(accounts.c.password_hash).where(accounts.c.id == id))
    assert "m=16,t=2" in hashed
    handlers.check_password(context, "a.rochat@example.ch", PASSWORD, "192.0.2.7")


def test_passwords_are_kept_as_argon2id_and_nowhere_else(context: IdentityContext) -> None:
    account(context, "a.rochat@example.ch")
    with context.reading() as session:
        rows = session.execute(sa.select(accounts)).all()
    assert rows[0].password_hash.startswith("$argon2id$")
    assert PASSWORD not in str(rows)


def test_signing_out_is_a_form_with_a_token(context: IdentityContext, visitor: Visitor) -> None:
    account(context, "a.rochat@example.ch")
    enter(visitor, "a.rochat@example.ch")
    assert visitor.get("/account/sign-out").status_code == 405
    assert visitor.post_raw("/account/sign-out", {}).status_code == 400
    visitor.get("/account/")
    assert visitor.post("/account/sign-out").location == "/account/sign-in"
    assert visitor.get("/account/").status_code == 302


# -- one's own account --


def test_a_new_password_replaces_the_old_one_and_ends_other_sessions(
    context: IdentityContext, app: Flask, clock: FrozenClock
) -> None:
    account(context, "a.rochat@example.ch")
    here, elsewhere = Visitor(app), Visitor(app)
    enter(here, "a.rochat@example.ch")
    enter(elsewhere, "a.rochat@example.ch")
    clock.move(minutes=5)
    here.get("/account/password")
    new = {"new_password": "quatorze nuages gris", "repeated_password": "quatorze nuages gris"}
    assert here.post("/account/password", current_password=PASSWORD, **new).location == "/account/"
    assert here.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302
    assert enter(Visitor(app), "a.rochat@example.ch").status_code == 422
    assert enter(Visitor(app), "a.rochat@example.ch", "quatorze nuages gris").status_code == 303


@pytest.mark.parametrize(
    ("current", "new", "repeated", "said"),
    [
        ("wrong", "quatorze nuages gris", "quatorze nuages gris", ["Le mot de passe actuel est faux."]),
        (PASSWORD, "court", "court", ["Utilisez au moins 12 caractères."]),
        (PASSWORD, "Amandine 2026 !", "Amandine 2026 !",
         ["Le mot de passe ne doit contenir ni votre nom ni votre adresse e-mail."]),
        (PASSWORD, "quatorze nuages gris", "quinze nuages", ["Les deux mots de passe ne sont pas identiques."]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_new_password_is_said_beside_it(
    context: IdentityContext, visitor: Visitor, current: str, new: str, repeated: str, said: list[str]
) -> None:
    account(context, "a.rochat@example.ch")
    enter(visitor, "a.rochat@example.ch")
    visitor.get("/account/password")
    typed = {"current_password": current, "new_password": new, "repeated_password": repeated}
    answer = visitor.post("/account/password", **typed)
    assert (answer.status_code, errors_on(answer)) == (422, said)
    assert enter(visitor, "a.rochat@example.ch").status_code == 303, "nothing was changed"


def test_the_language_of_an_account_is_that_of_its_pages(context: IdentityContext, app: Flask) -> None:
    id = account(context, "a.rochat@example.ch")
    visitor = Visitor(app)
    enter(visitor, "a.rochat@example.ch")
    visitor.get("/account/")
    visitor.post("/account/language", language="de")
    assert "Ihr Konto" in visitor.get("/account/").text
    with context.reading() as session:
        assert session.scalar(sa.select(accounts.c.language).where(accounts.c.id == id)) == "de"
    again = Visitor(app)
    again.get("/account/sign-in")
    again.headers = {}
    enter(again, "a.rochat@example.ch")
    assert "Ihr Konto" in again.get("/account/").text


# -- everybody's accounts --


@pytest.fixture
def administrator(context: IdentityContext, app: Flask) -> Visitor:
    account(context, "admin@example.ch", people.ADMINISTRATOR)
    visitor = Visitor(app)
    enter(visitor, "admin@example.ch")
    return visitor


NEW = {"name": "Léa Rey", "email": "lea.rey@example.ch", "role": "cms", "areas": "sierre", "language": "fr"}


def id_of(context: IdentityContext, email: str) -> str:
    with context.reading() as session:
        return session.scalar(sa.select(accounts.c.id).where(accounts.c.email == email))


@pytest.mark.parametrize("role", [role for role in people.ROLES if role != people.ADMINISTRATOR])
def test_accounts_are_for_administrators_alone(context: IdentityContext, app: Flask, role: str) -> None:
    other = account(context, "other@example.ch")
    account(context, "a.rochat@example.ch", role)
    visitor = Visitor(app)
    enter(visitor, "a.rochat@example.ch")
    visitor.get("/account/")
    for path in ("/account/people/", "/account/people/new", f"/account/people/{other}"):
        assert visitor.get(path).status_code == 403
    for path in ("new", f"{other}/change", f"{other}/disable", f"{other}/enable", f"{other}/reset-link"):
        assert visitor.post(f"/account/people/{path}", **NEW).status_code == 403
    with context.reading() as session:
        assert len(queries.list_accounts(session)) == 2


def initial(context: IdentityContext) -> str:
    """The initial password of a new account, as the command line makes it."""
    details = Details(email="lea.rey@example.ch", name="Léa Rey", role=people.ADMINISTRATOR, language="fr")
    password = context.passwords.generate()
    with context.unit() as unit:
        handlers.create_account(unit, details, context.passwords.hash(password), by="command line")
    return password


def test_an_initial_password_is_replaced_before_anything_else(context: IdentityContext, app: Flask) -> None:
    given = initial(context)
    visitor = Visitor(app)
    assert enter(visitor, "lea.rey@example.ch", given).location == "/account/first-password"
    assert visitor.get("/").location.startswith("/account/sign-in"), "not signed in yet"
    visitor.get("/account/first-password")
    own = {"new_password": "quatorze nuages gris", "repeated_password": "quatorze nuages gris"}
    assert visitor.post("/account/first-password", **own).location == "/"
    assert visitor.get("/").location == "/console/"
    assert enter(Visitor(app), "lea.rey@example.ch", given).status_code == 422


def test_the_time_to_choose_a_first_password_ends(context: IdentityContext, app: Flask, clock: FrozenClock) -> None:
    visitor = Visitor(app)
    enter(visitor, "lea.rey@example.ch", initial(context))
    clock.move(minutes=16)
    assert visitor.get("/account/first-password").location == "/account/sign-in"


def test_a_first_password_is_chosen_once(context: IdentityContext, app: Flask) -> None:
    given = initial(context)
    one, other = Visitor(app), Visitor(app)
    for visitor in (one, other):
        enter(visitor, "lea.rey@example.ch", given)
        visitor.get("/account/first-password")
    own = {"new_password": "quatorze nuages gris", "repeated_password": "quatorze nuages gris"}
    assert one.post("/account/first-password", **own).status_code == 303
    thief = {"new_password": "quinze orages noirs", "repeated_password": "quinze orages noirs"}
    assert other.post("/account/first-password", **thief).status_code != 303
    assert enter(Visitor(app), "lea.rey@example.ch", "quinze orages noirs").status_code == 422


def invite(administrator: Visitor, **changes: Any) -> None:
    administrator.get("/account/people/new")
    answer = administrator.post("/account/people/new", **{**NEW, **changes})
    assert answer.status_code == 303


def test_a_new_account_belongs_where_its_role_says(context: IdentityContext, administrator: Visitor) -> None:
    invite(administrator, rights="head")
    invite(administrator, email="ville@example.ch", role="partner", partner="ville-de-sion", region="sion", areas=[])
    invite(administrator, email="oseo@example.ch", role="oseo", rights="head")  # left from another choice: dropped
    with context.reading() as session:
        rows = session.execute(sa.select(accounts).order_by(accounts.c.email)).all()
    kept = {row.email: (row.areas, row.partner, row.region, row.rights) for row in rows}
    assert kept["lea.rey@example.ch"] == (["sierre"], "cms-sierre", None, ["head"])
    assert kept["ville@example.ch"] == ([], "ville-de-sion", "sion", [])
    assert kept["oseo@example.ch"] == ([], "oseo-valais", None, [])


def test_what_is_missing_for_an_account_is_said_beside_each_field(administrator: Visitor) -> None:
    administrator.get("/account/people/new")
    answer = administrator.post("/account/people/new", name="", email="nonsense", role="cms", language="fr")
    assert answer.status_code == 422
    assert "Indiquez prénom et nom." in answer.text
    assert "Choisissez au moins un CMS." in answer.text
    assert 'value="nonsense"' in answer.text


def test_an_address_has_one_account(context: IdentityContext, administrator: Visitor) -> None:
    invite(administrator)
    administrator.get("/account/people/new")
    answer = administrator.post("/account/people/new", **{**NEW, "email": "LEA.REY@example.ch"})
    assert answer.status_code == 422
    assert "existe déjà" in answer.text
    with pytest.raises(EmailTaken):
        account(context, "Lea.Rey@example.ch")


def test_a_disabled_account_is_out_at_once_and_may_come_back(
    context: IdentityContext, app: Flask, administrator: Visitor
) -> None:
    id = account(context, "a.rochat@example.ch")
    visitor = Visitor(app)
    enter(visitor, "a.rochat@example.ch")
    administrator.get(f"/account/people/{id}")
    administrator.post(f"/account/people/{id}/disable")
    assert visitor.get("/account/").status_code == 302
    assert enter(visitor, "a.rochat@example.ch").status_code == 422
    administrator.post(f"/account/people/{id}/enable")
    assert enter(visitor, "a.rochat@example.ch").status_code == 303
    page = administrator.get(f"/account/people/{id}").text
    assert page.index("Compte réactivé") < page.index("Compte désactivé") < page.index("Compte créé")


def test_administrators_do_not_shut_themselves_out(context: IdentityContext, administrator: Visitor) -> None:
    own = id_of(context, "admin@example.ch")
    page = administrator.get(f"/account/people/{own}").text
    assert "/disable" not in page
    assert administrator.post(f"/account/people/{own}/disable").status_code == 409
    assert administrator.get("/account/").status_code == 200


def test_an_account_that_does_not_exist_is_not_found(administrator: Visitor) -> None:
    administrator.get("/account/people/new")
    assert administrator.get("/account/people/nobody").status_code == 404
    for action in ("change", "disable", "enable", "invite-again", "take-back", "reset-link"):
        assert administrator.post(f"/account/people/nobody/{action}").status_code == 404


# -- the demonstration --


def test_the_demonstration_has_an_account_for_each_role_and_each_cms(context: IdentityContext, app: Flask) -> None:
    with context.unit() as unit:
        listed = handlers.create_demo_accounts(unit)
    assert {each.role for each in listed} == set(people.ROLES)
    with context.reading() as session:
        areas = {area for line in queries.demo_accounts(session) for area in line.areas}
    assert areas == set(CMS_AREAS)
    for each in listed:
        assert enter(Visitor(app), each.email, each.password).location == "/", each.email


def test_demonstration_accounts_are_made_once(context: IdentityContext) -> None:
    for _ in range(2):
        with context.unit() as unit:
            listed = handlers.create_demo_accounts(unit)
    with context.reading() as session:
        assert len(queries.list_accounts(session)) == len(listed)


def test_the_sign_in_page_lists_demonstration_accounts_only_where_there_are_some(
    context: IdentityContext, visitor: Visitor
) -> None:
    account(context, "a.rochat@example.ch")
    page = visitor.get("/account/sign-in").text
    assert "démonstration" not in page
    assert "a.rochat" not in page
    assert context.demo_password not in page
    with context.unit() as unit:
        handlers.create_demo_accounts(unit)
    page = visitor.get("/account/sign-in").text
    assert context.demo_password in page
    assert 'value="cms.sion@demo.ancrage.example"' in page
    assert "a.rochat" not in page


def test_the_sign_in_page_offers_no_account_that_its_password_does_not_open(
    context: IdentityContext, visitor: Visitor
) -> None:
    with context.unit() as unit:
        handlers.create_demo_accounts(unit)
        disabled, changed = (unit.accounts.find(f"{name}@demo.ancrage.example") for name in ("oseo", "sas"))
        assert disabled is not None
        assert changed is not None
        disabled.disable("somebody", unit.now)
        changed.choose_password(context.passwords.hash("quatorze nuages gris"), unit.now)
    page = visitor.get("/account/sign-in").text
    assert [name for name in ("oseo", "sas", "ville.sion") if f"{name}@demo.ancrage.example" in page] == ["ville.sion"]
