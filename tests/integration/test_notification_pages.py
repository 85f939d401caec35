"""The pages of notification: who sees what, and what they can do."""

import pytest

from chassis.mail import Letter
from contracts import people
from contracts.evaluation import EvaluationEnrolled, EvaluationWaveDue
from contracts.notification import NotificationAcknowledged
from contracts.placement import PlacementOffered, PlacementPlaced, PlacementWaitlisted
from contracts.referral import ReferralRejected, ReferralSubmitted
from services.notification import handlers
from services.notification.service import NotificationService
from services.notification.store import deliveries, messages
from services.notification.web import create_app
from tests.happenings import AREA, A, B, House, happened
from tests.reader import Reader

ID = r"[0-9a-f-]{36}"


@pytest.fixture
def house(tmp_path):
    house = House(NotificationService, tmp_path)
    house.take(happened(ReferralSubmitted), happened(ReferralSubmitted, B, cms_area="haut-valais"))
    house.take(happened(ReferralRejected, B, cms_area="haut-valais"), happened(PlacementOffered))
    house.take(happened(PlacementPlaced), happened(EvaluationEnrolled), happened(EvaluationWaveDue))
    yield house
    house.context.store.dispose()


@pytest.fixture
def visit(house):
    app = create_app(house.context)

    def visit(role=None, language="fr", **who):
        return Reader(app, house.clock, role, language, **who)

    return visit


def send(house):
    handlers.send_due_mail(house.context, house.context.open_post)


def test_a_social_worker_reads_the_messages_of_their_own_areas(visit):
    page = visit(people.CMS, areas=(AREA,)).open("/messages/")
    assert page.status == 200
    assert "Place attribuée" in page.text
    assert A in page.text
    assert B not in page.text
    assert "2 messages non lus" in page.text


def test_a_message_of_another_cms_does_not_exist(visit):
    (other,) = visit(people.CMS, areas=("haut-valais",)).open("/messages/").links(rf"/messages/{ID}")
    page = visit(people.CMS, areas=(AREA,))
    assert page.open(other).status == 404
    page.open("/messages/")
    assert page.send(f"{other}/acknowledgement").status in (400, 404)


def test_a_message_tells_the_facts_and_leads_to_the_referral(visit):
    page = visit(people.CMS, areas=(AREA,), language="de").open("/messages/")
    facts = [page.open(link).text for link in page.links(rf"/messages/{ID}")]
    assert any("Antwort bis 25.11.2026, 10:00" in text for text in facts)
    assert any("Gruppe OSEO Sion" in text for text in facts)
    assert page.links(rf"/referrals/{A}")


def test_a_message_is_read_in_the_readers_language(visit):
    assert "Platz zugeteilt" in visit(people.OSEO, "de").open("/messages/").text
    assert "Place attribuée" in visit(people.OSEO, "fr").open("/messages/").text


def test_marking_as_read_is_told_and_shown(house, visit):
    page = visit(people.EVALUATOR).open("/messages/")
    link = page.links(rf"/messages/{ID}")[0]
    page.open(link).send(f"{link}/acknowledgement")
    assert (page.status, page.location) == (303, "/messages/")
    (told,) = [e for e in house.emitted() if isinstance(e, NotificationAcknowledged)]
    assert (told.partner, told.channel) == ("hes-so", "inbox")
    assert "1 message non lu" in page.open("/messages/").text
    assert "Marquer comme lu" not in page.open(link).text
    assert link not in page.open("/messages/?show=unread").html


def test_marking_as_read_needs_the_forms_token(house, visit):
    page = visit(people.OSEO).open("/messages/")
    link = page.links(rf"/messages/{ID}")[0]
    page.token = ""
    assert page.send(f"{link}/acknowledgement").status == 400
    assert not any(message.acknowledged_at for message in house.rows(messages))


@pytest.mark.parametrize(
    ("role", "who", "seen"),
    [
        (people.SAS, {}, "Place attribuée"),
        (people.PARTNER, {"partner": "ville-de-sion"}, "Place attribuée"),
        (people.PARTNER, {}, "Il n’y a aucun message ici."),
        (people.CMS, {"areas": ()}, "Il n’y a aucun message ici."),
        (people.OSEO, {"partner": "oseo-valais"}, "Une place est proposée"),
    ],
)
def test_each_partner_has_an_inbox(visit, role, who, seen):
    page = visit(role, **who).open("/messages/")
    assert (page.status, seen in page.text) == (200, True)


def test_the_canton_sees_no_reference_and_no_link_to_a_person(visit):
    page = visit(people.SAS).open("/messages/")
    for link in page.links(rf"/messages/{ID}"):
        page.open(link)
        assert A not in page.html
        assert "/referrals/" not in page.html


def test_a_long_inbox_comes_in_pages(house, visit):
    house.take(*(happened(PlacementWaitlisted, f"ISA-2026-{n:06d}") for n in range(100, 160)))
    page = visit(people.OSEO).open("/messages/?show=unread")
    assert len(page.links(rf"/messages/{ID}")) == 50
    (further,) = page.links(r"\?.*page=2")
    assert "show=unread" in further
    assert len(page.open(f"/messages/{further.replace('&amp;', '&')}").links(rf"/messages/{ID}")) == 12


PAGES = ["/messages/", "/messages/deliveries/", "/messages/mail/", "/messages/partners/", "/messages/partners/sas"]


@pytest.mark.parametrize("path", PAGES)
def test_whoever_is_not_signed_in_is_asked_to(visit, path):
    page = visit().open(path)
    assert page.status == 302
    assert page.location.startswith("/account/sign-in?next=/messages/")


@pytest.mark.parametrize("path", PAGES[1:])
@pytest.mark.parametrize("role", [people.CMS, people.OSEO, people.EVALUATOR, people.SAS, people.PARTNER])
def test_the_keepers_pages_are_for_keepers(visit, path, role):
    assert visit(role).open(path).status == 403


def test_an_operator_changes_no_partner(visit):
    assert visit(people.OPERATOR).open("/messages/partners/sas").status == 403


def test_an_operator_is_led_to_the_deliveries_and_sees_states(house, visit):
    page = visit(people.OPERATOR).open("/messages/")
    assert page.location == "/messages/deliveries/"
    assert "En file d’attente (9)" in page.open("/messages/deliveries/").text
    send(house)
    assert "Envoyé" in page.open("/messages/deliveries/?state=sent").text
    assert "Il n’y a aucun envoi ici." in page.open("/messages/deliveries/?state=failed").text


def test_an_operator_sees_the_cause_of_a_failure_and_sends_again(house, visit):
    for partner in ("oseo-valais", "sas"):
        with house.context.unit() as unit:
            handlers.change_partner(unit, partner, None, "fr", [])
    send(house)
    page = visit(people.ADMINISTRATOR, "de").open("/messages/deliveries/?state=failed")
    assert "Die Adresse gibt es nicht" in page.text
    (first, *_) = page.links(rf"/messages/deliveries/{ID}/retry")
    assert page.send(first).status == 303
    assert sorted(str(d.state) for d in house.rows(deliveries)).count("queued") >= 1
    assert page.open("/messages/deliveries/").status == 200
    assert page.send(first).status == 409


def test_the_mail_folder_is_shown_and_each_mail_read(house, visit):
    send(house)
    page = visit(people.OPERATOR).open("/messages/mail/")
    links = page.links(rf"/messages/mail/{ID}")
    assert len(links) == len(house.rows(deliveries))
    texts = [page.open(link).text for link in links]
    assert any("Bonjour, Place attribuée." in text for text in texts)
    assert any("Guten Tag" in text for text in texts)


@pytest.mark.parametrize("role", [people.OPERATOR, people.ADMINISTRATOR])
def test_keepers_read_no_pseudonym_beside_the_references(house, visit, role):
    send(house)
    (hidden,) = {message.label for message in house.rows(messages) if message.partner == "hes-so"}
    page = visit(role)
    texts = [page.open(path).text for path in ("/messages/deliveries/", "/messages/mail/")]
    texts += [page.open(link).text for link in page.links(rf"/messages/mail/{ID}")]
    assert not any(hidden in text for text in texts)
    assert any("•••" in text for text in texts)
    assert any("ISA-2026-000001" in text for text in texts)


def test_a_private_letter_is_shown_to_administrators_alone(house, visit):
    id = "01a20000-0000-7000-8000-000000000001"
    letter = Letter(id, "lea@example.ch", "fr", "Lien", "https://ancrage.example/secret", private=True)
    with house.context.open_post() as post:
        assert post.send(letter, house.clock.now()) is None
    for role, status in ((people.ADMINISTRATOR, 200), (people.OPERATOR, 404)):
        page = visit(role).open("/messages/mail/")
        assert (f"/messages/mail/{id}" in page.links(rf"/messages/mail/{ID}")) == (status == 200)
        assert page.open(f"/messages/mail/{id}").status == status


@pytest.mark.parametrize("id", ["00000000-0000-0000-0000-000000000000", "..%2f..%2fsecret", "secret"])
def test_only_mails_are_read_from_the_folder(visit, id):
    assert visit(people.OPERATOR).open(f"/messages/mail/{id}").status == 404


def test_with_a_mail_server_there_is_no_folder_to_show(tmp_path):
    house = House(NotificationService, tmp_path, {"ANCRAGE_SMTP_URL": "smtp://localhost:1"})
    page = Reader(create_app(house.context), house.clock, people.OPERATOR).open("/messages/mail/")
    assert "Un serveur de messagerie est configuré" in page.text


def test_an_administrator_changes_how_a_partner_is_told(house, visit):
    page = visit(people.ADMINISTRATOR).open("/messages/partners/oseo-valais")
    fields = {"email": "accueil@oseo.example", "language": "de", "told_of": ["placement.started.v1"]}
    assert page.send("/messages/partners/oseo-valais", **fields).status == 303
    assert "accueil@oseo.example" in page.open("/messages/partners/").text
    before = len(house.rows(messages))
    house.take(happened(PlacementWaitlisted, "ISA-2026-000009"))
    assert len(house.rows(messages)) == before


def test_an_empty_address_means_the_inbox_alone(house, visit):
    page = visit(people.ADMINISTRATOR).open("/messages/partners/sas")
    page.send("/messages/partners/sas", email="", language="fr", told_of=["placement.placed.v1"])
    assert "Boîte de réception uniquement" in page.open("/messages/partners/").text


def test_a_wrong_address_is_said_beside_its_field_and_nothing_is_lost(visit):
    page = visit(people.ADMINISTRATOR, "de").open("/messages/partners/sas")
    page.send("/messages/partners/sas", email="nowhere", language="fr", told_of=["placement.ended.v1"])
    assert page.status == 422
    assert 'value="nowhere"' in page.html
    assert 'href="#email"' in page.html
    assert page.html.count("checked") == 2


def test_a_partner_that_does_not_exist_is_not_found(visit):
    assert visit(people.ADMINISTRATOR).open("/messages/partners/nobody").status == 404
