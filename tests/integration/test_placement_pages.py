"""The pages of placement: who sees what, and what the host can note on them."""

import html
import re
from datetime import timedelta

import pytest

from chassis.testing import FrozenClock
from contracts.people import ADMINISTRATOR, CMS, EVALUATOR, OPERATOR, OSEO, PARTNER, SAS
from services.placement.domain import Mode, State
from services.placement.handlers import GroupSettings, add_group, change_group
from services.placement.web import create_app
from tests.unit.placement.rooms import CONTACT, Rooms, reference
from tests.visitor import Visitor, errors_on

SECRETS = ("Zufferey", "Céline", "79 555", "celine@mail.example", "Rue du Rhône", "mercredi")
TODAY = {"on-day": "23", "on-month": "11", "on-year": "2026"}


@pytest.fixture
def rooms(tmp_path):
    rooms = Rooms(tmp_path)
    yield rooms
    rooms.check()
    rooms.context.store.dispose()


@pytest.fixture
def host(rooms):
    return visitor(rooms, OSEO)


def visitor(rooms, role, language="fr", **told):
    visitor = Visitor(create_app(rooms.context), language=language)
    now = rooms.clock.now().timestamp()
    with visitor.client.session_transaction() as session:
        session.update(person={"id": "p1", "name": "Ada", "role": role, **told}, began=now, seen=now)
    return visitor


def change(rooms, **changed):
    known = {"name": "OSEO Sion", "capacity": 15, "is_open": True, "mode": Mode.AUTOMATIC, "offer_days": 7}
    with rooms.context.unit() as unit:
        change_group(unit, "oseo-sion", GroupSettings(**known | changed))


def text(page):
    assert page.status_code == 200, page.status
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page.text)))


def note(visitor, number, action, **fields):
    """Opens the form of an action and sends it."""
    address = f"/placement/participants/{reference(number)}/{action}"
    visitor.get(address)
    return visitor.post(address, **fields)


PAGES = (
    "/placement/",
    "/placement/groups/oseo-sion",
    "/placement/groups/oseo-sion/settings",
    "/placement/groups/new",
    f"/placement/participants/{reference(1)}",
    f"/placement/participants/{reference(1)}/start",
    "/placement/waiting/sion/fr",
    "/placement/statuses",
    "/placement/figures",
)
SEEN = {
    OSEO: set(PAGES) - {"/placement/statuses"},
    ADMINISTRATOR: {"/placement/", "/placement/figures"},
    PARTNER: {"/placement/", "/placement/statuses"},
    SAS: {"/placement/figures"},
    CMS: set(),
    EVALUATOR: set(),
    OPERATOR: set(),
}


@pytest.mark.parametrize("role", SEEN)
def test_each_role_sees_its_own_pages_and_no_other(rooms, role):
    rooms.tell(rooms.accepted(1))
    someone = visitor(rooms, role, region="sion")
    assert {page for page in PAGES if someone.get(page).status_code == 200} == SEEN[role]
    assert {someone.get(page).status_code for page in set(PAGES) - SEEN[role]} <= {403}


def test_who_is_signed_out_is_asked_to_sign_in(rooms):
    answer = Visitor(create_app(rooms.context)).get("/placement/")
    assert (answer.status_code, answer.location) == (302, "/account/sign-in?next=/placement/")


@pytest.mark.parametrize("role", [ADMINISTRATOR, PARTNER, SAS])
def test_nobody_but_the_host_sees_a_name(rooms, role):
    rooms.tell(*(rooms.accepted(n) for n in range(1, 20)))
    someone = visitor(rooms, role, region="sion")
    seen = "".join(someone.get(page).text for page in SEEN[role])
    assert seen
    assert not [secret for secret in SECRETS if secret in seen]


def test_a_partner_sees_its_own_region_only(rooms):
    rooms.tell(rooms.accepted(1), rooms.accepted(2, "bas-valais"))
    city = visitor(rooms, PARTNER, region="sion")
    seen = text(city.get("/placement/")) + text(city.get("/placement/statuses"))
    assert "OSEO Sion" in seen
    assert "Bas-Valais" not in seen
    assert reference(1) in seen
    assert reference(2) not in seen


def test_a_partner_without_a_region_sees_nothing(rooms):
    city = visitor(rooms, PARTNER)
    assert city.get("/placement/").status_code == 403
    assert city.get("/placement/statuses").status_code == 403


def test_the_overview_draws_each_seat_and_says_the_same_in_words(rooms, host):
    rooms.tell(*(rooms.accepted(n) for n in range(1, 5)))
    note(host, 1, "start", **TODAY)
    page = host.get("/placement/")
    assert "1 personne participe" in text(page)
    assert "3 personnes ont une place et ne sont pas encore venues" in text(page)
    assert "11 places sont libres" in text(page)
    drawing = re.search(r'<svg viewBox="0 0 420 28".*?</svg>', page.text, re.S)
    assert drawing
    assert drawing.group().count("<g ") == 15


def test_the_pages_speak_german(rooms):
    rooms.tell(*(rooms.accepted(n) for n in range(1, 17)))
    host = visitor(rooms, OSEO, language="de")
    assert "Kein Platz ist frei" in text(host.get("/placement/"))
    assert "Zuoberst: erhält den nächsten freien Platz." in text(host.get("/placement/waiting/sion/fr"))


def test_the_roster_shows_what_is_needed_to_receive_somebody(rooms, host):
    rooms.tell(rooms.accepted(1))
    roster = text(host.get("/placement/groups/oseo-sion"))
    for shown in ("Céline Zufferey", "079 555 12 34", "Français", "Le matin", "Cuisine, Danse", "Pas le mercredi"):
        assert shown in roster
    person = text(host.get(f"/placement/participants/{reference(1)}"))
    assert "Rue du Rhône 1, 1950 Sion" in person


def test_what_a_contact_lacks_or_holds_besides_breaks_no_page(rooms, host):
    nothing = dict.fromkeys(CONTACT.keys() - {"language"})
    rooms.tell(rooms.accepted(1, **nothing, something_new="<script>"))
    assert reference(1) in text(host.get("/placement/groups/oseo-sion"))
    assert "<script>" not in host.get(f"/placement/participants/{reference(1)}").text


def test_a_contact_that_cannot_be_opened_is_said_so_and_the_rest_is_shown(rooms, host):
    rooms.tell(rooms.accepted(1))
    with rooms.context.unit() as unit:
        unit.participations.get(reference(1)).contact = "sealed for somebody else"
    assert "Illisible" in text(host.get("/placement/groups/oseo-sion"))
    assert "Signalez-le" in text(host.get(f"/placement/participants/{reference(1)}"))


def test_who_waits_has_no_name_yet_and_a_reason_for_the_position(rooms, host):
    change(rooms, capacity=0)
    rooms.tell(rooms.accepted(1), rooms.accepted(2), minutes=1)
    rooms.tell(rooms.accepted(3, urgency="high", urgency_reason="Logement perdu"), minutes=2)
    page = host.get("/placement/waiting/sion/fr")
    assert not [secret for secret in SECRETS if secret in page.text]
    rows = [text_of(row) for row in re.findall(r"<tr.*?</tr>", page.text, re.S)[1:]]
    assert [reference(n) in row for n, row in zip((3, 1, 2), rows, strict=True)] == [True] * 3
    assert "Urgent Logement perdu" in rows[0]
    assert "En tête" in rows[0]
    assert rows[2].endswith("1 cas urgent passe avant. 1 personne précède dans l’ordre d’admission.")
    person = host.get(f"/placement/participants/{reference(2)}")
    assert "3 – 1 cas urgent passe avant." in text(person)
    assert not [secret for secret in SECRETS if secret in person.text]


def text_of(markup):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", markup))).strip()


def test_a_long_waiting_list_has_pages_and_counts_on(rooms, host):
    change(rooms, capacity=0)
    rooms.tell(*(rooms.accepted(n) for n in range(1, 71)))
    second = host.get("/placement/waiting/sion/fr?page=2")
    assert reference(51) in second.text
    assert reference(50) not in second.text
    assert "50 personnes précèdent dans l’ordre d’admission." in text(second)
    assert host.get("/placement/waiting/sion/fr?page=99999999999999999999").status_code == 200


def test_who_has_left_is_a_reference_again(rooms, host):
    rooms.tell(rooms.accepted(1), rooms.withdrawn(1))
    page = host.get(f"/placement/participants/{reference(1)}")
    assert "Retiré par le CMS" in text(page)
    assert not [secret for secret in SECRETS if secret in page.text]
    assert "Que voulez-vous noter" not in text(page)


def test_a_participation_is_noted_from_offer_to_end(rooms, host):
    change(rooms, mode=Mode.OFFER)
    rooms.tell(rooms.accepted(1))
    first_day = {"starts_on-day": "1", "starts_on-month": "12", "starts_on-year": "2026"}
    answers = [note(host, 1, "accept", **first_day), note(host, 1, "start", **TODAY)]
    answers += [note(host, 1, "pause", reason="health", **TODAY), note(host, 1, "resume", **TODAY)]
    answers += [note(host, 1, "end", reason="planned", **TODAY)]
    assert [answer.status_code for answer in answers] == [303] * 5
    assert rooms.told() == ["offered 1", "placed 1", "started 1", "paused 1", "resumed 1", "ended 1"]
    assert "La fin est notée." in text(host.get(f"/placement/participants/{reference(1)}"))


def test_an_offer_declined_passes_over_until_ready_again(rooms, host):
    change(rooms, mode=Mode.OFFER, capacity=1)
    rooms.tell(rooms.accepted(1))
    assert note(host, 1, "decline", reason="timetable").status_code == 303
    waiting = text(host.get("/placement/waiting/sion/fr"))
    assert "Personne n’est à appeler pour l’instant." in waiting
    assert "Pas appelées pour l’instant" in waiting
    assert note(host, 1, "rejoin").status_code == 303
    assert rooms.person(1).state is State.OFFERED


def test_only_what_is_possible_now_is_offered(rooms, host):
    rooms.tell(rooms.accepted(1))
    page = text(host.get(f"/placement/participants/{reference(1)}"))
    assert "Noter la première présence" in page
    assert "Noter la fin" in page
    assert "suspension" not in page
    assert "proposition" not in page
    form = text(host.get(f"/placement/participants/{reference(1)}/end"))
    assert "A trouvé un emploi" in form
    assert "Comme prévu" not in form


def test_the_end_of_a_wait_gives_no_place_away_and_has_no_last_day(rooms, host):
    change(rooms, capacity=1)
    rooms.tell(rooms.accepted(1), rooms.accepted(2))
    placed, waiting = (text(host.get(f"/placement/participants/{reference(n)}/end")) for n in (1, 2))
    assert "La place va aussitôt à la personne suivante." in placed
    assert "La personne quitte la liste d’attente." in waiting
    assert "La place va" not in waiting
    assert "Dernier jour" not in placed + waiting, "neither has come yet"
    note(host, 1, "start", **TODAY)
    assert "Dernier jour" in text(host.get(f"/placement/participants/{reference(1)}/end"))


def test_what_somebody_else_has_done_meanwhile_is_said(rooms, host):
    rooms.tell(rooms.accepted(1))
    host.get(f"/placement/participants/{reference(1)}/start")
    rooms.tell(rooms.withdrawn(1))
    answer = host.post(f"/placement/participants/{reference(1)}/start", **TODAY)
    assert answer.status_code == 409
    assert "Terminé" in html.unescape(answer.text)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (("24", "11", "2026"), "Ce jour est encore à venir."),
        (("1", "1", "2026"), "Le jour ne peut pas être antérieur au 23.11.2026."),
        (("31", "2", "2026"), "Entrez une date"),
        (("", "", ""), "Indiquez le premier jour."),
    ],
)
def test_a_day_that_cannot_be_is_said_beside_the_field_and_nothing_typed_is_lost(rooms, host, day, said):
    rooms.tell(rooms.accepted(1))
    fields = dict(zip(("on-day", "on-month", "on-year"), day, strict=True))
    answer = note(host, 1, "start", **fields)
    assert answer.status_code == 422
    assert [each for each in errors_on(answer) if said in each], errors_on(answer)
    assert all(f'value="{part}"' in answer.text for part in day if part)
    assert rooms.person(1).state is State.PLACED


def test_an_end_needs_its_reason(rooms, host):
    rooms.tell(rooms.accepted(1))
    assert errors_on(note(host, 1, "end", **TODAY)) == ["Choisissez une raison."]
    assert errors_on(note(host, 1, "end", reason="planned", **TODAY)) == ["Choisissez une raison."]


def test_switching_the_language_keeps_what_was_typed_and_notes_nothing(rooms, host):
    rooms.tell(rooms.accepted(1))
    answer = note(host, 1, "end", reason="health", **TODAY, switch_language="de")
    assert "Ende festhalten" in text(answer)
    assert re.search(r'value="health"\s+checked', answer.text)
    assert rooms.told() == ["placed 1"]


def test_a_form_without_its_token_is_refused(rooms, host):
    rooms.tell(rooms.accepted(1))
    answer = host.post_raw(f"/placement/participants/{reference(1)}/start", TODAY)
    assert answer.status_code == 400
    assert rooms.person(1).state is State.PLACED


GROUP = {"name": "OSEO Sion", "capacity": "15", "is_open": "yes", "mode": "automatic", "offer_days": "7"}


def save(host, path="/placement/groups/oseo-sion/settings", **changed):
    host.get(path)
    return host.post(path, **GROUP | changed)


def test_more_places_on_the_settings_page_serve_those_who_wait(rooms, host):
    rooms.tell(*(rooms.accepted(n) for n in range(1, 19)))
    assert save(host, capacity="17").status_code == 303
    assert rooms.told(since=18) == ["placed 16", "placed 17"]


def test_fewer_places_than_taken_are_explained(rooms, host):
    rooms.tell(*(rooms.accepted(n) for n in range(1, 4)))
    save(host, capacity="1", is_open="no")
    page = text(host.get("/placement/groups/oseo-sion"))
    assert "Le groupe doit avoir 1 place" in page
    assert "Fermé" in page
    assert 'value="1"' in host.get("/placement/groups/oseo-sion/settings").text


@pytest.mark.parametrize(
    "wrong",
    [
        {"capacity": "-1"},
        {"capacity": "999"},
        {"capacity": "x"},
        {"mode": "lottery"},
        {"offer_days": "0"},
        {"name": ""},
    ],
)
def test_settings_that_cannot_be_are_refused(rooms, host, wrong):
    answer = save(host, **wrong)
    assert answer.status_code == 422
    assert len(errors_on(answer)) == 1
    assert rooms.group().capacity == 15


def test_a_new_group_has_a_code_made_of_its_name(rooms, host):
    rooms.tell(rooms.accepted(1, "haut-valais", "de"))
    answer = save(host, "/placement/groups/new", name="OSEO Oberwallis (Visp)", region="haut-valais", language="de")
    assert answer.location == "/placement/groups/oseo-oberwallis-visp"
    assert rooms.told() == ["waitlisted 1", "placed 1"]


def test_a_second_group_of_the_same_name_is_refused_with_all_that_is_missing(rooms, host):
    answer = save(host, "/placement/groups/new", region="sierre", language="fr")
    assert errors_on(answer) == ["Il existe déjà un groupe de ce nom."]
    answer = save(host, "/placement/groups/new", name="é!")
    assert len(errors_on(answer)) == 2
    answer = save(host, "/placement/groups/new", name="é!", region="sion", language="de")
    assert errors_on(answer) == ["Utilisez au moins trois lettres ou chiffres."]


def test_figures_leave_out_what_could_tell_of_somebody(rooms):
    with rooms.context.unit() as unit:
        settings = GroupSettings(name="Siders", capacity=9, is_open=True, mode=Mode.AUTOMATIC, offer_days=7)
        add_group(unit, "siders", "sierre", "de", settings)
    rooms.tell(*(rooms.accepted(n) for n in range(1, 23)), rooms.accepted(30, "bas-valais"))
    page = visitor(rooms, SAS).get("/placement/figures")
    rows = {cells[0]: cells[1:] for cells in map(cells_of, re.findall(r"<tr.*?</tr>", page.text, re.S)[1:])}
    assert rows["Sion"] == ["15", "7", "0", "15", "0", "0", "0", "0", "22"]
    assert [cell.split(" ")[0] for cell in rows["Bas-Valais"]] == ["15", "0", "×", "×", "×", "×", "0", "0", "×"]
    assert rows["Sierre"] == ["9", *["0"] * 8]


def cells_of(row):
    return [text_of(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)]


def test_what_is_not_there_is_not_found(rooms, host):
    rooms.tell(rooms.withdrawn(9))
    for path in ("participants/ISA-2026-000009", "participants/x", "groups/x", "groups/x/settings", "waiting/sion/de"):
        assert host.get(f"/placement/{path}").status_code == 404
    assert host.get(f"/placement/participants/{reference(9)}/start").status_code == 404
    rooms.tell(rooms.accepted(1))
    assert host.get(f"/placement/participants/{reference(1)}/nonsense").status_code == 404


def test_an_offer_shows_until_when_it_is_open_and_an_interview_that_it_is_due(rooms, host):
    change(rooms, mode=Mode.OFFER, offer_days=3)
    rooms.tell(rooms.accepted(1))
    assert "26.11.2026, 10:00" in text(host.get(f"/placement/participants/{reference(1)}"))
    with rooms.context.unit() as unit:
        person = unit.participations.get(reference(1))
        person.note_interview_due("t0", FrozenClock().now().date() + timedelta(days=1))
    assert "Entretien attendu" in text(host.get("/placement/groups/oseo-sion"))
