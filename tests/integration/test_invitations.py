"""Accounts by invitation, forgotten passwords, and what administrators may not do: as their users try it."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.mail import SmtpPost
from contracts import people
from services.identity import handlers
from services.identity.domain import LASTS, RETRY_AFTER, LastAdministrator, Purpose
from services.identity.store import accounts, letters, links
from tests.accounts import ANOTHER, PASSWORD, Accounts, choose, link_in
from tests.plant.mail import MailServer
from tests.plant.postgresql import PostgreSQL
from tests.visitor import Visitor, errors_on

NEW = {"name": "Léa Rey", "email": "lea.rey@example.ch", "role": "cms", "areas": "sierre", "language": "fr"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Accounts]:
    house = Accounts(tmp_path)
    house.add("admin@example.ch", people.ADMINISTRATOR)
    yield house
    house.context.store.dispose()


@pytest.fixture
def administrator(house: Accounts) -> Visitor:
    return house.enter("admin@example.ch")


def invite(administrator: Visitor, **changes: Any) -> str:
    """The address of the page of somebody who was invited."""
    administrator.get("/account/people/new")
    answer = administrator.post("/account/people/new", **{**NEW, **changes})
    assert answer.status_code == 303
    return str(answer.location)


def rows(house: Accounts, table: sa.Table) -> list[Any]:
    with house.context.reading() as session:
        return list(session.execute(sa.select(table)))


# -- invitations --


def test_whoever_is_invited_chooses_a_password_by_the_link_and_is_in(house: Accounts, administrator: Visitor) -> None:
    page = invite(administrator)
    assert "Invitation envoyée" in administrator.get(page).text
    visitor = house.visitor()
    assert "lea.rey@example.ch" in visitor.get(house.link()).text.replace("<wbr>", "")
    assert choose(visitor, house.link()).location == "/"
    assert visitor.get("/").location == "/referrals/"
    assert house.is_in(house.enter("lea.rey@example.ch", ANOTHER))
    assert "Mot de passe choisi" in administrator.get(page).text


@pytest.mark.parametrize(
    ("language", "subject", "said"),
    [
        ("fr", "Ancrage\u00a0: Votre accès à Ancrage", "Choisissez votre mot de passe"),
        ("de", "Ancrage: Ihr Zugang zu Ancrage", "Wählen Sie Ihr Passwort"),
    ],
)
def test_the_letter_is_in_the_language_of_its_reader_and_names_nobody(
    house: Accounts, administrator: Visitor, language: str, subject: str, said: str
) -> None:
    invite(administrator, language=language)
    (letter,) = house.post()
    assert (letter["To"], letter["Subject"]) == ("lea.rey@example.ch", subject)
    assert said in letter.get_content()
    assert "Léa" not in letter.get_content()
    assert "lea.rey" not in letter.get_content()


def test_a_link_works_once(house: Accounts, administrator: Visitor) -> None:
    invite(administrator)
    link = house.link()
    assert choose(house.visitor(), link).status_code == 303
    again = choose(house.visitor(), link, "quinze orages noirs")
    assert again.status_code == 404
    assert "Ce lien ne fonctionne plus" in again.text
    assert not house.is_in(house.enter("lea.rey@example.ch", "quinze orages noirs"))


def test_looking_at_a_link_uses_nothing_up(house: Accounts, administrator: Visitor) -> None:
    invite(administrator)
    for _ in range(3):  # programs that guard a mailbox do that
        assert house.visitor().get(house.link()).status_code == 200
    assert choose(house.visitor(), house.link()).status_code == 303


def test_a_link_ends_after_its_time(house: Accounts, administrator: Visitor) -> None:
    invite(administrator)
    link = house.link()
    house.clock.move(seconds=LASTS[Purpose.INVITATION].total_seconds() - 1)
    assert house.visitor().get(link).status_code == 200
    house.clock.move(seconds=1)
    assert choose(house.visitor(), link).status_code == 404
    handlers.forget_old(house.context)
    assert rows(house, links) == []


def test_of_several_invitations_only_the_last_works(house: Accounts, administrator: Visitor) -> None:
    page = invite(administrator)
    first = house.link()
    administrator.get(page)
    assert administrator.post(f"{page}/invite-again").status_code == 303
    assert house.visitor().get(first).status_code == 404
    assert choose(house.visitor(), house.link()).status_code == 303
    assert administrator.post(f"{page}/invite-again").status_code == 409, "there is nothing to be accepted any more"


def test_an_invitation_can_be_taken_back_and_given_to_somebody_else(house: Accounts, administrator: Visitor) -> None:
    page = invite(administrator)
    link = house.link()
    administrator.get(page)
    assert administrator.post(f"{page}/take-back").location == "/account/people/"
    assert house.visitor().get(link).status_code == 404
    assert administrator.get(page).status_code == 404
    invite(administrator, name="Une autre")


def test_whoever_has_accepted_can_not_be_taken_back(house: Accounts, administrator: Visitor) -> None:
    page = invite(administrator)
    choose(house.visitor(), house.link())
    administrator.get(page)
    assert administrator.post(f"{page}/take-back").status_code == 409
    assert house.is_in(house.enter("lea.rey@example.ch", ANOTHER))


def test_the_store_holds_nothing_that_opens_an_account(house: Accounts, administrator: Visitor) -> None:
    invite(administrator)
    token = house.link().rsplit("/", 1)[1]
    held = str([rows(house, table) for table in (accounts, links, letters)])
    assert token not in held
    assert len(token) >= 40


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("court", "Utilisez au moins 12 caractères."),
        ("motdepasse123", "Ce mot de passe est facile à deviner."),
        ("azertyuiop12", "Ce mot de passe est facile à deviner."),
        ("lea.rey-sierre", "Le mot de passe ne doit contenir ni votre nom ni votre adresse e-mail."),
    ],
)
def test_an_easy_password_is_refused_and_the_link_goes_on_working(
    house: Accounts, administrator: Visitor, password: str, said: str
) -> None:
    invite(administrator)
    visitor = house.visitor()
    answer = choose(visitor, house.link(), password)
    assert answer.status_code == 422
    assert errors_on(answer)[0].startswith(said)
    assert choose(visitor, house.link()).status_code == 303


# -- letters --


def test_a_letter_waits_for_a_mail_server_that_is_away_and_says_so(tmp_path: Path, smtp: MailServer) -> None:
    smtp.stop()
    house = Accounts(tmp_path, {"ANCRAGE_SMTP_URL": smtp.url})
    house.add("admin@example.ch", people.ADMINISTRATOR)
    administrator = house.enter("admin@example.ch")
    page = invite(administrator)
    handlers.send_due_letters(house.context)
    assert "n’est pas joignable" in administrator.get(page).text
    smtp.start()
    handlers.send_due_letters(house.context)
    assert smtp.mails == [], "not before it is due"
    house.clock.move(seconds=RETRY_AFTER[0].total_seconds())
    handlers.send_due_letters(house.context)
    (mail,) = smtp.wait_for(1)
    assert mail.recipients == ("lea.rey@example.ch",)
    assert choose(house.visitor(), link_in(mail.message)).status_code == 303
    house.context.store.dispose()


def test_an_address_that_does_not_exist_is_told_to_the_administrator(tmp_path: Path, smtp: MailServer) -> None:
    house = Accounts(tmp_path, {"ANCRAGE_SMTP_URL": smtp.url})
    house.add("admin@example.ch", people.ADMINISTRATOR)
    administrator = house.enter("admin@example.ch")
    page = invite(administrator)
    smtp.refuse("550 No such person")
    handlers.send_due_letters(house.context)
    assert "n’a pas pu être remis. L’adresse n’existe pas." in administrator.get(page).text
    assert rows(house, letters)[0].next_attempt_at is None
    house.context.store.dispose()


def test_a_letter_lost_with_its_worker_is_sent_again(house: Accounts, administrator: Visitor) -> None:
    invite(administrator)

    class Dying(SmtpPost):
        def send(self, letter: Any, now: Any) -> Any:
            raise KeyboardInterrupt

    usual, house.context.open_post = house.context.open_post, lambda: Dying("smtp://127.0.0.1:9", "a@b.ch")
    with pytest.raises(KeyboardInterrupt):
        handlers.send_due_letters(house.context)
    house.context.open_post = usual
    house.clock.move(minutes=1)
    assert house.post() == []
    house.clock.move(minutes=1)
    assert choose(house.visitor(), house.link()).status_code == 303


# -- forgotten passwords --


def ask(visitor: Visitor, email: str) -> Any:
    visitor.get("/account/forgotten")
    return visitor.post("/account/forgotten", email=email)


def test_a_forgotten_password_is_replaced_by_a_link_and_other_sessions_end(house: Accounts) -> None:
    house.add("a.rochat@example.ch")
    elsewhere = house.enter("a.rochat@example.ch")
    house.clock.move(minutes=1)
    visitor = house.visitor()
    assert ask(visitor, " A.Rochat@example.ch ").location == "/account/sign-in"
    assert choose(visitor, house.link()).location == "/"
    assert house.is_in(visitor)
    assert not house.is_in(elsewhere)
    assert not house.is_in(house.enter("a.rochat@example.ch", PASSWORD))
    told = house.post()[-1]
    assert told["Subject"] == "Ancrage\u00a0: Votre mot de passe a été changé"


def test_the_answer_is_the_same_whether_there_is_such_an_account_or_not(house: Accounts) -> None:
    house.add("a.rochat@example.ch")
    gone = house.add("gone@example.ch")
    with house.context.unit() as unit:
        handlers.disable_account(unit, gone, by="test")
    heard = set()
    for email in ("a.rochat@example.ch", "gone@example.ch", "nobody@example.ch"):
        visitor = house.visitor()
        answer = ask(visitor, email)
        heard.add((answer.status_code, answer.location, "en route" in visitor.get(answer.location).text))
    assert heard == {(303, "/account/sign-in", True)}
    assert [letter["To"] for letter in house.post()] == ["a.rochat@example.ch"]
    assert len(rows(house, letters)) == 1


@pytest.mark.parametrize("email", ["a.rochat@example.ch", "nobody@example.ch"])
def test_nobody_is_buried_in_letters(house: Accounts, email: str) -> None:
    house.add("a.rochat@example.ch")
    answers = [ask(house.visitor(address=f"192.0.2.{n}"), email) for n in range(4)]
    assert [each.status_code for each in answers] == [303, 303, 303, 429]
    assert errors_on(answers[-1]) == ["Trop de tentatives. Réessayez dans 10 secondes."]


def test_a_link_to_a_new_password_works_for_an_hour(house: Accounts) -> None:
    house.add("a.rochat@example.ch")
    ask(house.visitor(), "a.rochat@example.ch")
    link = house.link()
    house.clock.move(minutes=59)
    assert house.visitor().get(link).status_code == 200
    house.clock.move(minutes=1)
    assert house.visitor().get(link).status_code == 404


def test_a_new_password_makes_every_other_link_worthless(house: Accounts) -> None:
    house.add("a.rochat@example.ch")
    found = []
    for _ in range(2):
        ask(house.visitor(), "a.rochat@example.ch")
        found.append(house.link())
        house.clock.move(seconds=1)
    assert choose(house.visitor(), found[1]).status_code == 303
    assert house.visitor().get(found[0]).status_code == 404


def test_whoever_was_locked_out_by_guesses_gets_in_by_the_link(house: Accounts) -> None:
    house.add("a.rochat@example.ch")
    for _ in range(6):
        house.enter("a.rochat@example.ch", "wrong")
    ask(house.visitor(), "a.rochat@example.ch")
    assert choose(house.visitor(), house.link()).location == "/"
    assert house.is_in(house.enter("a.rochat@example.ch", ANOTHER))


def test_an_administrator_has_a_link_sent(house: Accounts, administrator: Visitor) -> None:
    id = house.add("a.rochat@example.ch")
    administrator.get(f"/account/people/{id}")
    assert administrator.post(f"/account/people/{id}/reset-link").status_code == 303
    assert house.is_in(house.enter("a.rochat@example.ch")), "the old one opens until another is chosen"
    assert choose(house.visitor(), house.link()).status_code == 303


def test_a_disabled_account_has_no_links(house: Accounts, administrator: Visitor) -> None:
    id = house.add("a.rochat@example.ch")
    ask(house.visitor(), "a.rochat@example.ch")
    link = house.link()
    administrator.get(f"/account/people/{id}")
    administrator.post(f"/account/people/{id}/disable")
    assert choose(house.visitor(), link).status_code == 404


# -- what accounts may do --


def change(administrator: Visitor, id: str, **told: Any) -> Any:
    path = f"/account/people/{id}/change"
    administrator.get(path)
    return administrator.post(path, **{"name": "A", "email": "a@example.ch", "language": "fr", **told})


def test_an_account_is_changed_and_whoever_is_signed_in_signs_in_again(house: Accounts, administrator: Visitor) -> None:
    id = house.add("a.rochat@example.ch")
    visitor = house.enter("a.rochat@example.ch")
    house.clock.move(seconds=1)
    page = administrator.get(f"/account/people/{id}/change").text
    assert 'value="sion-herens-conthey" checked' in page
    answer = change(administrator, id, email="a@example.ch", role="cms", areas=["sierre", "haut-valais"], rights="head")
    assert answer.location == f"/account/people/{id}"
    assert not house.is_in(visitor)
    again = house.enter("a@example.ch")
    with again.client.session_transaction() as session:
        person = session["person"]
    assert (person["areas"], person["rights"]) == (("sierre", "haut-valais"), ("head",))


def opens_by_old_mail(house: Accounts, administrator: Visitor) -> bool:
    """Whether a link in the old mailbox opens the account after its address has been changed."""
    id = house.add("old@example.ch")
    ask(house.visitor(), "old@example.ch")
    link = house.link()
    change(administrator, id, email="new@example.ch", role="cms", areas=["sierre"])
    return bool(choose(house.visitor(), link).status_code == 303)


def test_a_link_sent_to_an_address_before_opens_nothing_once_there_is_another(
    house: Accounts, administrator: Visitor
) -> None:
    assert not opens_by_old_mail(house, administrator)


def test_a_link_that_outlives_its_address_would_be_found(
    house: Accounts, administrator: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.identity.store.repositories.Links.void", lambda _self, _id: None)
    assert opens_by_old_mail(house, administrator)


def test_an_invitation_to_a_wrong_address_goes_to_the_right_one_once_it_is_corrected(
    house: Accounts, administrator: Visitor
) -> None:
    page = invite(administrator, email="lea.ray@example.ch")
    wrong = house.link()
    told = {name: value for name, value in NEW.items() if name != "areas"} | {"areas": ["sierre"]}
    change(administrator, page.rpartition("/")[2], **told)
    assert house.post()[-1]["To"] == "lea.rey@example.ch"
    assert house.visitor().get(wrong).status_code == 404
    assert choose(house.visitor(), house.link()).status_code == 303


def test_what_is_wrong_with_a_change_is_said_and_nothing_is_changed(house: Accounts, administrator: Visitor) -> None:
    id = house.add("a.rochat@example.ch")
    assert change(administrator, id, role="cms").status_code == 422
    assert change(administrator, id, role="sas", email="admin@example.ch").status_code == 422
    assert house.is_in(house.enter("a.rochat@example.ch"))


def test_the_last_administrator_stays_one(house: Accounts, administrator: Visitor) -> None:
    with house.context.reading() as session:
        own = session.scalar(sa.select(accounts.c.id))
    answer = change(administrator, own, role="sas", email="admin@example.ch")
    assert answer.status_code == 409
    assert "C’est la dernière personne qui administre." in answer.text
    other = house.add("other@example.ch", people.ADMINISTRATOR)
    assert change(administrator, own, role="sas", email="admin@example.ch").status_code == 303
    with pytest.raises(LastAdministrator), house.context.unit() as unit:
        handlers.disable_account(unit, other, by="test")


def test_two_administrators_who_shut_each_other_out_at_the_same_time_can_not_both(
    tmp_path: Path, postgres: PostgreSQL
) -> None:
    house = Accounts(tmp_path, {"ANCRAGE_IDENTITY_DATABASE_URL": postgres.database("identity")})
    ids = [house.add(f"{n}@example.ch", people.ADMINISTRATOR) for n in range(2)]
    refused: list[Exception] = []

    def shut_out(id: str, by: str) -> None:
        try:
            with house.context.unit() as unit:
                handlers.disable_account(unit, id, by=by)
        except LastAdministrator as refusal:
            refused.append(refusal)

    threads = [Thread(target=shut_out, args=(ids[n], ids[1 - n])) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    house.context.store.dispose()
