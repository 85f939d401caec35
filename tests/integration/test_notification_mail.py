"""E-mails: a real conversation with a mail server that takes, refuses, is down, is slow, or hangs up."""

import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from ipaddress import ip_address

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from chassis.mail import FolderPost, Letter, SmtpPost
from chassis.testing import Crash, crash_at
from contracts.notification import NotificationDelivered, NotificationFailed
from contracts.placement import PlacementPlaced
from contracts.referral import ReferralRejected, ReferralSubmitted
from services.notification import handlers
from services.notification.domain import LEASE, RETRY_AFTER, DeliveryState
from services.notification.handlers.claiming import AT_HAND
from services.notification.handlers.sending import send_at_hand, send_due_mail
from services.notification.service import NotificationService
from services.notification.store import deliveries, partners
from tests.happenings import AREA, NOW, A, B, House, happened
from tests.plant.server import free_port

CMS = f"cms-{AREA}"
SENDER = "ancrage@ancrage.example"
LETTER = Letter("d-1", "somebody@partner.example", "fr", "Sujet – été", "Bonjour,\n\nÇa va ?\n")


@pytest.fixture
def make_house(tmp_path):
    """A house whose e-mails go to the mail server at an address."""
    houses = []

    def make(url, **environ):
        settings = {"ANCRAGE_SMTP_URL": url, "ANCRAGE_MAIL_FROM": SENDER, **environ}
        houses.append(House(NotificationService, tmp_path, settings))
        return houses[-1]

    yield make
    for house in houses:
        house.context.store.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request, make_house, smtp):
    environ = {}
    if request.param == "postgresql":
        environ["ANCRAGE_NOTIFICATION_DATABASE_URL"] = request.getfixturevalue("database_url")
    return make_house(smtp.url, **environ)


def send(house, **options):
    send_due_mail(house.context, house.context.open_post, **options)


def states(house):
    return sorted(str(d.state) for d in house.rows(deliveries))


def told(house, kind):
    return [event for event in house.emitted() if isinstance(event, kind)]


def test_what_is_queued_is_sent_and_told_once(house, smtp):
    house.take(happened(ReferralSubmitted), happened(PlacementPlaced))
    send(house)
    send(house)
    mails = smtp.wait_for(4)
    assert len(mails) == 4
    assert {m.recipients for m in mails} == {
        (f"ancrage@{code}.example",) for code in (CMS, "oseo-valais", "ville-de-sion", "sas")
    }
    assert {m.sender for m in mails} == {SENDER}
    assert states(house) == ["sent"] * 4
    assert sorted((e.partner, e.channel) for e in told(house, NotificationDelivered)) == sorted(
        (code, "email") for code in (CMS, "oseo-valais", "ville-de-sion", "sas")
    )


def test_a_mail_is_what_mail_programs_expect(house, smtp):
    house.take(happened(ReferralRejected))
    send(house)
    (mail,) = smtp.wait_for(1)
    (delivery,) = house.rows(deliveries)
    assert mail.message["Message-ID"] == f"<{delivery.id}@ancrage.example>"
    assert mail.message["Subject"] == f"Ancrage\u00a0: Le signalement n’est pas admis – {A}"
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert mail.message["Content-Language"] == "fr"
    assert mail.message["Date"].datetime == house.clock.now()
    assert f"http://127.0.0.1:8080/referrals/{A}" in mail.message.get_content()


def test_a_batch_goes_over_one_connection(house, smtp):
    connections = []
    open_post = house.context.open_post

    class Counting(SmtpPost):
        def _connect(self):
            connections.append(1)
            return super()._connect()

    house.take(*(happened(ReferralRejected, f"ISA-2026-{n:06d}") for n in range(1, 26)))
    send_due_mail(house.context, lambda: Counting(smtp.url, SENDER), batch=10)
    assert len(smtp.wait_for(25)) == 25
    assert len(connections) == 3
    assert open_post is house.context.open_post


def test_no_transaction_is_open_while_the_mail_server_is_spoken_to(house, smtp):
    other = happened(ReferralSubmitted, B)
    house.take(happened(ReferralRejected))

    class Writing(SmtpPost):
        def send(self, letter, now):
            house.take(other)  # would wait for a lock that we held
            return super().send(letter, now)

    began = time.monotonic()
    send_due_mail(house.context, lambda: Writing(smtp.url, SENDER), batch=1)
    assert time.monotonic() - began < 5
    assert states(house) == ["sent"]
    assert house.failures() == []


def test_an_address_that_does_not_exist_fails_for_good_with_its_cause(house, smtp):
    smtp.refuse("550 5.1.1 No such person")
    house.take(happened(ReferralRejected))
    send(house)
    (delivery,) = house.rows(deliveries)
    assert (delivery.state, delivery.cause, delivery.attempts) == (DeliveryState.FAILED, "bad_address", 1)
    assert delivery.detail == "550 5.1.1 No such person"
    assert told(house, NotificationFailed) == [
        NotificationFailed(reference=A, partner=CMS, channel="email", about=ReferralRejected.TYPE, cause="bad_address")
    ]


def test_a_passing_refusal_is_tried_again_when_its_time_has_come(house, smtp):
    smtp.refuse("451 4.3.0 Come again")
    house.take(happened(ReferralRejected))
    send(house)
    send(house)
    (delivery,) = house.rows(deliveries)
    assert (delivery.state, delivery.cause, delivery.attempts) == (DeliveryState.RETRYING, "refused", 1)
    smtp.refuse(None)
    house.clock.set(house.clock.now() + RETRY_AFTER[0])
    send(house)
    assert states(house) == ["sent"]
    assert len(smtp.mails) == len(told(house, NotificationDelivered)) == 1


def test_a_mail_server_that_stays_down_is_given_up_and_told(house, smtp):
    smtp.stop()
    house.take(happened(ReferralRejected), happened(ReferralRejected, B))
    for wait in (*RETRY_AFTER, RETRY_AFTER[-1]):
        send(house)
        house.clock.set(house.clock.now() + wait)
    assert states(house) == ["failed", "failed"]
    assert [e.cause for e in told(house, NotificationFailed)] == ["unreachable", "unreachable"]
    assert {d.attempts for d in house.rows(deliveries)} == {len(RETRY_AFTER) + 1}


def test_an_operator_retries_what_failed_once_the_server_is_back(house, smtp):
    smtp.refuse("550 No")
    house.take(happened(ReferralRejected))
    send(house)
    smtp.refuse(None)
    (delivery,) = house.rows(deliveries)
    with house.context.unit() as unit:
        handlers.retry_delivery(unit, delivery.id)
    send(house)
    assert states(house) == ["sent"]
    assert len(told(house, NotificationDelivered)) == 1


def test_a_claim_lost_with_its_worker_is_sent_again_under_the_same_message_id(house, smtp):
    house.take(happened(ReferralRejected))

    class Dying(SmtpPost):
        def send(self, letter, now):
            super().send(letter, now)
            raise KeyboardInterrupt  # after the mail server took it, before we noted it

    with pytest.raises(KeyboardInterrupt):
        send_due_mail(house.context, lambda: Dying(smtp.url, SENDER))
    send(house)
    assert len(smtp.mails) == 1
    house.clock.set(house.clock.now() + LEASE)
    send(house)
    assert len({mail.message["Message-ID"] for mail in smtp.wait_for(2)}) == 1
    assert len(told(house, NotificationDelivered)) == 1


def test_two_workers_send_nothing_twice(house, smtp):
    house.take(*(happened(ReferralRejected, f"ISA-2026-{n:06d}") for n in range(1, 41)))
    workers = [threading.Thread(target=send, args=(house,), kwargs={"batch": 7}) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    send(house)
    assert len({mail.message["Message-ID"] for mail in smtp.mails}) == len(smtp.mails) == 40
    assert len(told(house, NotificationDelivered)) == 40


@pytest.fixture
def prompted(house):
    """How often a house was prompted that sends its letters itself, as a worker does."""
    prompts = []
    house.context.prompt = lambda: prompts.append("now")
    return prompts


def test_a_letter_is_claimed_with_the_commit_that_writes_it_and_goes_at_once(house, smtp, prompted):
    house.take(happened(ReferralRejected))
    assert (states(house), prompted) == (["sending"], ["now"])
    send_at_hand(house.context, house.context.open_post)
    assert states(house) == ["sent"]
    assert len(smtp.wait_for(1)) == len(told(house, NotificationDelivered)) == 1
    send(house)
    send_at_hand(house.context, house.context.open_post)
    assert len(smtp.mails) == 1


def test_what_was_rolled_back_leaves_no_letter(house, prompted):
    with crash_at("notification", "unit.before_commit"), pytest.raises(Crash):
        house.take(happened(ReferralRejected))
    assert (len(house.context.at_hand), prompted) == (0, [])


def test_a_letter_at_hand_that_is_lost_with_its_worker_goes_when_its_claim_has_run_out(house, smtp, prompted):
    house.take(happened(ReferralRejected))
    house.context.at_hand.clear()
    send(house)
    assert smtp.mails == []
    house.clock.set(house.clock.now() + LEASE)
    send(house)
    assert states(house) == ["sent"]


def test_more_letters_than_are_sent_in_time_wait_in_the_store(house, smtp, prompted):
    house.take(*(happened(ReferralRejected, f"ISA-2026-{n:06d}") for n in range(1, AT_HAND + 11)))
    assert states(house) == ["queued"] * 10 + ["sending"] * AT_HAND
    send_at_hand(house.context, house.context.open_post)
    send(house)
    assert len({mail.message["Message-ID"] for mail in smtp.wait_for(AT_HAND + 10)}) == AT_HAND + 10


def test_one_address_that_no_mail_can_carry_does_not_hold_the_others_up(house, smtp):
    with house.context.unit() as unit:
        bad = sa.update(partners).where(partners.c.code == "sas").values(email="two\nlines@sas.example")
        unit.session.execute(bad)
    house.take(happened(ReferralSubmitted), happened(PlacementPlaced))
    send(house)
    assert len(smtp.mails) == 3
    assert [(e.partner, e.cause) for e in told(house, NotificationFailed)] == [("sas", "bad_address")]


def test_a_partner_whose_address_was_taken_away_meanwhile_fails_with_a_cause(house, smtp):
    house.take(happened(ReferralRejected))
    with house.context.unit() as unit:
        handlers.change_partner(unit, CMS, None, "fr", [])
    send(house)
    assert [e.cause for e in told(house, NotificationFailed)] == ["bad_address"]


def _certificate(folder):
    """A key and a certificate for 127.0.0.1 that nobody but itself vouches for; the file that holds both."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    began = datetime.now(UTC) - timedelta(days=1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(began).not_valid_after(began + timedelta(days=9))
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = builder.add_extension(alternative, critical=False).sign(key, hashes.SHA256())
    path = folder / "certificate.pem"
    private = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(key.private_bytes(*private) + certificate.public_bytes(Encoding.PEM))
    return path


class Taking:
    """Takes every mail, and notes who signed in."""

    def __init__(self):
        self.mails, self.users = [], []

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(envelope)
        return "250 OK"

    def __call__(self, server, session, envelope, mechanism, told):
        self.users.append((told.login, told.password))
        return AuthResult(success=told.password == b"s3cret/?", handled=False)


@pytest.fixture
def tls(tmp_path, monkeypatch):
    """A mail server that insists on STARTTLS and on signing in; `trusted()` makes its certificate one of ours."""
    path = _certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path)
    taking = Taking()
    options = {"tls_context": context, "require_starttls": True, "authenticator": taking, "auth_required": True}
    controller = Controller(taking, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    taking.url = f"smtp://ancrage:s3cret%2F%3F@127.0.0.1:{controller.port}"
    taking.trusted = lambda: monkeypatch.setenv("SSL_CERT_FILE", str(path))
    yield taking
    controller.stop()


def test_a_trusted_server_is_spoken_to_in_private_and_signed_in_to(tls):
    tls.trusted()
    with SmtpPost(tls.url, SENDER) as post:
        assert post.send(LETTER, NOW) is None
    assert tls.users == [(b"ancrage", b"s3cret/?")]
    assert len(tls.mails) == 1


def test_a_server_that_nobody_vouches_for_gets_neither_password_nor_mail(tls):
    with SmtpPost(tls.url, SENDER) as post:
        outcome = post.send(LETTER, NOW)
    assert (outcome.cause, outcome.permanent) == ("unreachable", False)
    assert tls.users == tls.mails == []


def test_a_wrong_password_is_a_passing_trouble_that_does_not_show_it(tls):
    tls.trusted()
    with SmtpPost(tls.url.replace("s3cret%2F%3F", "hunter2"), SENDER) as post:
        outcome = post.send(LETTER, NOW)
    assert (outcome.cause, outcome.permanent) == ("refused", False)
    assert "hunter2" not in outcome.detail
    assert tls.mails == []


class Silent:
    """Takes connections and never says a word; or hangs up in the middle of the conversation."""

    def __init__(self, hang_up_after=None):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"smtp://127.0.0.1:{self._listener.getsockname()[1]}"
        self._hang_up_after = hang_up_after
        self.connections = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections.append(connection)
            if self._hang_up_after is not None:
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        connection.sendall(b"220 here\r\n")
        with connection, connection.makefile("rb") as lines:
            for _ in range(self._hang_up_after):
                lines.readline()
                connection.sendall(b"250 ok\r\n")

    def close(self):
        self._listener.close()
        for connection in self.connections:
            connection.close()


def test_a_silent_server_costs_one_time_out_for_the_whole_batch(make_house):
    server = Silent()
    house = make_house(server.url)
    house.take(*(happened(ReferralRejected, f"ISA-2026-{n:06d}") for n in range(1, 11)))
    began = time.monotonic()
    send_due_mail(house.context, lambda: SmtpPost(server.url, SENDER, timeout=1))
    server.close()
    assert time.monotonic() - began < 8
    assert {(str(d.state), d.cause) for d in house.rows(deliveries)} == {("retrying", "unreachable")}


def test_a_server_that_hangs_up_in_the_middle_leaves_nothing_undecided(make_house):
    server = Silent(hang_up_after=2)
    house = make_house(server.url)
    house.take(happened(ReferralRejected), happened(ReferralRejected, B))
    send_due_mail(house.context, lambda: SmtpPost(server.url, SENDER, timeout=0.5))
    assert {(str(d.state), d.cause) for d in house.rows(deliveries)} == {("retrying", "unreachable")}
    assert len(server.connections) == 2
    server.close()


def test_what_a_slow_server_left_no_time_for_is_sent_next_time(house, smtp):
    house.take(*(happened(ReferralRejected, f"ISA-2026-{n:06d}") for n in range(1, 6)))

    class Slow(SmtpPost):
        def send(self, letter, now):
            time.sleep(0.2)
            return super().send(letter, now)

    send_due_mail(house.context, lambda: Slow(smtp.url, SENDER), budget=0.1)
    assert states(house) == ["queued"] * 4 + ["sent"]
    assert sorted(d.attempts for d in house.rows(deliveries)) == [0, 0, 0, 0, 1]
    send(house)
    assert states(house) == ["sent"] * 5
    assert len(smtp.mails) == 5


def test_without_a_mail_server_letters_are_files(tmp_path):
    house = House(NotificationService, tmp_path, {"ANCRAGE_MAIL_FROM": SENDER})
    house.take(happened(ReferralRejected))
    send(house)
    (delivery,) = house.rows(deliveries)
    (path,) = (tmp_path / "mail").iterdir()
    assert path.name == f"{delivery.id}.eml"
    assert message_from_bytes(path.read_bytes(), policy=policy.default)["To"] == f"ancrage@{CMS}.example"
    assert states(house) == ["sent"]


def test_a_folder_that_cannot_be_written_is_a_passing_trouble(tmp_path):
    post = FolderPost(tmp_path / "mail", SENDER)
    with post:
        (tmp_path / "mail" / "d-1.part").mkdir(parents=True)
        outcome = post.send(LETTER, NOW)
    assert (outcome.cause, outcome.permanent) == ("unreachable", False)


def test_letters_keep_their_accents_over_the_wire(smtp):
    with SmtpPost(smtp.url, SENDER) as post:
        assert post.send(LETTER, NOW) is None
    (mail,) = smtp.wait_for(1)
    assert mail.message["Subject"] == "Sujet – été"
    assert mail.message.get_content().splitlines() == ["Bonjour,", "", "Ça va ?"]
