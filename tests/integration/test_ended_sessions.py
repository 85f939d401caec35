"""Sessions that end before their time end in every service, within a minute, and nobody calls back for it."""

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from ancrage import house
from ancrage.site import Site
from chassis.sessions import LONGEST, ended, forget_old, note_ended
from chassis.settings import Settings
from chassis.testing import FrozenClock, Room, World
from chassis.web.ended import BELIEVED, SessionsThatCount
from chassis.worker import subscriptions
from console import sessions
from console.web import create_app as create_console
from console.wiring import wire as wire_console
from contracts import people
from contracts.site import MOUNTS
from services.identity import handlers
from services.identity.domain import Account, Details
from services.identity.store import Passwords
from tests import attacks
from tests.accounts import CHEAP, PASSWORD, choose, link_in
from tests.migrated import bring_up
from tests.visitor import Visitor

#: a page of every service, and who may see it
PAGES = {
    "identity": ("/account/", people.CMS),
    "referral": ("/referrals/", people.CMS),
    "notification": ("/messages/", people.CMS),
    "placement": ("/placement/", people.OSEO),
    "evaluation": ("/evaluation/", people.EVALUATOR),
    "console": ("/console/", people.OPERATOR),
}
#: between a commit and the handling elsewhere, while the broker is up: a look of the relay, a batch of the consumer
ON_THE_WAY = timedelta(seconds=5)


class AllServices:
    """Every service with its worker's subscriptions and its pages, on one clock and one broker, without threads."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, FrozenClock()
        settings = Settings.read({}, data=folder, create=True)
        self.contexts = {name: self._wired(name, settings) for name in house.SERVICES}
        for context in self.contexts.values():
            bring_up(context.store)
        classes = {name: house.worker_class(name) for name in house.SERVICES}
        self.world = World(
            [Room(self.contexts[name], list(subscriptions(of)), of.prepare) for name, of in classes.items()]
        )
        self.site = self._site(settings)

    def _wired(self, name: str, settings: Settings) -> Any:
        cheap = {"passwords": Passwords(CHEAP)}
        more = cheap if name == "identity" else {}
        return house._module(name, "wiring").wire(settings, clock=self.clock, **more)

    def _site(self, settings: Settings) -> Flask:
        made: dict[str, Flask] = {
            name: house._module(name, "web").create_app(context) for name, context in self.contexts.items()
        }
        made["console"] = create_console(wire_console(settings, made, clock=self.clock))
        site = Flask("site", static_folder=None)
        site.wsgi_app = Site(made, MOUNTS, "identity")  # type: ignore[method-assign,assignment]
        return site

    def account(self, role: str) -> str:
        """Id of somebody with this role, whose address begins with it."""
        identity = self.contexts["identity"]
        areas = ("sierre",) if role == people.CMS else ()
        details = Details(email=f"{role}@example.ch", name="N", role=role, language="fr", areas=areas)
        hashed = identity.passwords.hash(PASSWORD)
        with identity.unit() as unit:
            account = handlers.create_account(unit, details, hashed, by="test")
            account.choose_password(hashed, unit.now)
        return account.id

    def signed_in(self, role: str) -> Visitor:
        visitor = Visitor(self.site)
        visitor.get("/account/sign-in")
        assert visitor.post("/account/sign-in", email=f"{role}@example.ch", password=PASSWORD).status_code == 303
        return visitor

    def pass_on(self) -> None:
        """What was told arrives, and the longest belief in an old answer runs out."""
        self.world.settle()
        self.clock.move(seconds=max(BELIEVED, sessions.BELIEVED).total_seconds())


@pytest.fixture
def services(tmp_path: Path) -> Iterator[AllServices]:
    made = AllServices(tmp_path)
    yield made
    for context in made.contexts.values():
        context.store.dispose()


def test_a_minute_is_enough() -> None:
    assert timedelta(minutes=1) > ON_THE_WAY + BELIEVED
    assert timedelta(minutes=1) > sessions.BELIEVED


def test_every_service_has_a_page_here() -> None:
    assert set(PAGES) == set(house.SITES)


@pytest.mark.parametrize("service", PAGES)
def test_a_disabled_account_is_out_of_every_service(services: AllServices, service: str) -> None:
    page, role = PAGES[service]
    id = services.account(role)
    services.account(people.ADMINISTRATOR)
    visitor, administrator = services.signed_in(role), services.signed_in(people.ADMINISTRATOR)
    assert visitor.get(page).status_code == 200
    services.clock.move(seconds=1)
    administrator.get(f"/account/people/{id}")
    assert administrator.post(f"/account/people/{id}/disable").status_code == 303
    services.pass_on()
    answer = visitor.get(page)
    assert (answer.status_code, answer.location) == (302, f"/account/sign-in?next={page}")
    assert administrator.get("/messages/deliveries/").status_code == 200, "the others stay"


@pytest.mark.parametrize("service", PAGES)
def test_whoever_signs_out_everywhere_is_out_of_every_service_and_may_come_back(
    services: AllServices, service: str
) -> None:
    page, role = PAGES[service]
    services.account(role)
    here, elsewhere = services.signed_in(role), services.signed_in(role)
    assert elsewhere.get(page).status_code == 200
    services.clock.move(seconds=1)
    here.get("/account/")
    assert here.post("/account/sign-out-everywhere").location == "/account/sign-in"
    services.pass_on()
    assert elsewhere.get(page).status_code == 302
    assert services.signed_in(role).get(page).status_code == 200


def test_a_new_password_leaves_only_the_session_that_chose_it(services: AllServices) -> None:
    services.account(people.CMS)
    here, elsewhere = services.signed_in(people.CMS), services.signed_in(people.CMS)
    services.clock.move(seconds=1)
    here.get("/account/password")
    new = "quatorze nuages gris"
    typed = {"current_password": PASSWORD, "new_password": new, "repeated_password": new}
    assert here.post("/account/password", **typed).status_code == 303
    services.pass_on()
    assert [each.get("/referrals/").status_code for each in (here, elsewhere)] == [200, 302]


def signs_out(services: AllServices, _id: str, visitor: Visitor) -> None:
    visitor.get("/account/")
    assert visitor.post("/account/sign-out").status_code == 303


def chooses_another_password_by_a_link(services: AllServices, id: str, _visitor: Visitor) -> None:
    """On another device."""
    identity = services.contexts["identity"]
    with identity.unit() as unit:
        handlers.send_reset_link(unit, id, by="somebody")
    handlers.send_due_letters(identity)
    newest = max((services.folder / "mail").rglob("*.eml"), key=lambda path: path.stem)
    path = link_in(message_from_bytes(newest.read_bytes(), policy=policy.default))
    assert choose(Visitor(services.site), path).status_code == 303


def is_disabled(services: AllServices, id: str, _visitor: Visitor) -> None:
    with services.contexts["identity"].unit() as unit:
        handlers.disable_account(unit, id, by="somebody")


ENDS = (signs_out, chooses_another_password_by_a_link, is_disabled)


def stolen(services: AllServices, end: Any) -> list[str]:
    """What a copy of somebody's cookie opens after the end of their session, in any service."""
    found = []
    for role in sorted({role for _page, role in PAGES.values()}):
        id, pages = services.account(role), [page for page, whose in PAGES.values() if whose == role]

        def leave(visitor: Visitor, id: str = id) -> None:
            services.clock.move(seconds=1)
            end(services, id, visitor)
            services.pass_on()

        found += attacks.reuse_a_session(services.signed_in(role), Visitor(services.site), leave, pages)
    return found


@pytest.mark.parametrize("end", ENDS)
def test_a_copy_of_a_session_opens_nothing_after_its_end(services: AllServices, end: Any) -> None:
    assert stolen(services, end) == []


@pytest.mark.parametrize("end", ENDS)
def test_a_copy_that_is_still_good_would_be_found(
    services: AllServices, end: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SessionsThatCount, "__call__", lambda _self, _person, _began: True)
    monkeypatch.setattr(Account, "allows_session_since", lambda _self, _began: True)
    monkeypatch.setattr("services.identity.web.is_ended", lambda _session, _id: False)
    assert sorted(stolen(services, end)) == sorted(f"{page} opens" for page, _role in PAGES.values())


def test_signing_out_leaves_the_other_sessions_of_an_account_alone(services: AllServices) -> None:
    services.account(people.CMS)
    here, elsewhere = services.signed_in(people.CMS), services.signed_in(people.CMS)
    signs_out(services, "", here)
    services.pass_on()
    assert [elsewhere.get(page).status_code for page in ("/account/", "/referrals/")] == [200, 200]


def test_the_console_believes_what_it_heard_last_while_identity_does_not_answer(services: AllServices) -> None:
    id = services.account(people.OPERATOR)
    gone = services.signed_in(people.OPERATOR)
    services.clock.move(seconds=1)
    with services.contexts["identity"].unit() as unit:
        handlers.sign_out_everywhere(unit, id)
    stays = services.signed_in(people.OPERATOR)
    services.pass_on()
    assert gone.get("/console/").status_code == 302
    services.contexts["identity"].store._readers = None  # whatever is read of it fails
    services.clock.move(minutes=1)
    assert stays.get("/console/").status_code == 200
    assert gone.get("/console/").status_code == 302


def test_the_latest_end_stays_and_an_old_one_is_forgotten(services: AllServices) -> None:
    context, first = services.contexts["placement"], services.clock.now()
    later = first + timedelta(minutes=1)
    for before in (later, first, later):  # late and twice
        with context.unit() as unit:
            note_ended(unit, "somebody", before)
    with context.reading() as session:
        assert ended(session) == {"somebody": later}
    services.clock.set(later + LONGEST)
    forget_old(context)
    with context.reading() as session:
        assert ended(session) == {"somebody": later}
    services.clock.move(seconds=1)
    forget_old(context)
    with context.reading() as session:
        assert ended(session) == {}
