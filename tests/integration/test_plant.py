"""The real parts that other tests lean on do what those tests take for granted."""

import json
import signal
import smtplib
import subprocess
import sys
import time
from email.message import EmailMessage
from pathlib import Path

import kombu
import psycopg
import pytest
import sqlalchemy as sa
from amqp.exceptions import AMQPError
from kombu.exceptions import OperationalError
from playwright.sync_api import Page

from tests.plant.mail import MailServer
from tests.plant.postgresql import PostgreSQL
from tests.plant.rabbitmq import RabbitMQ
from tests.plant.server import PATIENCE
from tests.plant.undertaker import Undertaker, birth

QUORUM = {"x-queue-type": "quorum"}


def _publish(url: str, body: str) -> None:
    with kombu.Connection(url, transport_options={"confirm_publish": True}, connect_timeout=PATIENCE) as connection:
        queue = kombu.Queue("kept", durable=True, queue_arguments=QUORUM)
        producer = connection.Producer()
        producer.publish(body, routing_key="kept", declare=[queue], delivery_mode=2)


def _take(url: str) -> str | None:
    with kombu.Connection(url, connect_timeout=PATIENCE) as connection:
        message = kombu.Queue("kept", queue_arguments=QUORUM, channel=connection.default_channel).get(no_ack=True)
        return None if message is None else str(message.payload)


def test_a_confirmed_message_outlives_a_killed_broker(rabbitmq: RabbitMQ, amqp_url: str) -> None:
    _publish(amqp_url, "first")
    time.sleep(1.5)  # RabbitMQ 3.10 forgets a quorum queue that was declared just before it is killed
    assert _take(amqp_url) == "first"
    _publish(amqp_url, "carried")
    rabbitmq.kill()
    with pytest.raises(OperationalError, match="refused"):
        _take(amqp_url)
    rabbitmq.start()
    assert _take(amqp_url) == "carried"


def test_a_stopped_broker_is_there_again_for_the_next_test(rabbitmq: RabbitMQ) -> None:
    rabbitmq.freeze()
    rabbitmq.restore()
    assert json.loads(rabbitmq.ctl("status", "--formatter", "json"))["alarms"] == []


def test_virtual_hosts_share_nothing(rabbitmq: RabbitMQ) -> None:
    urls = {rabbitmq.url() for _ in range(14)}
    assert len(urls) == 14
    mine, theirs = sorted(urls)[:2]
    _publish(mine, "mine")
    with kombu.Connection(theirs) as connection, pytest.raises(AMQPError, match="NOT_FOUND"):
        connection.default_channel.queue_declare("kept", passive=True)


def test_a_commit_outlives_a_killed_database(postgres: PostgreSQL, database_url: str) -> None:
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE note (text text)"))
        connection.execute(sa.text("INSERT INTO note VALUES ('kept')"))
    postgres.kill()
    with engine.connect() as connection, pytest.raises(sa.exc.OperationalError):
        connection.scalar(sa.text("SELECT text FROM note"))
    postgres.start()
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT text FROM note")) == "kept"
    engine.dispose()


def test_the_database_is_as_durable_as_it_claims(database_url: str) -> None:
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert connection.execute(f"SHOW {setting}").fetchone() == ("on",)


def test_the_browser_reads_a_page(page: Page) -> None:
    page.set_content("<!doctype html><html lang=fr><title>Ancrage</title><h1>Signalements</h1>")
    assert page.title() == "Ancrage"
    assert page.get_by_role("heading", level=1).inner_text() == "Signalements"
    assert page.evaluate("navigator.language") == "fr-CH"


def _mail() -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "ancrage@example.ch", "cms@example.ch", "ISA-2026-000123 à lire"
    mail.set_content("Une place est libre.")
    return mail


def test_a_mail_arrives_as_it_was_sent(smtp: MailServer) -> None:
    with smtplib.SMTP("127.0.0.1", smtp.port, timeout=5) as client:
        client.send_message(_mail())
    (mail,) = smtp.wait_for(1)
    assert mail.recipients == ("cms@example.ch",)
    assert mail.message["Subject"] == "ISA-2026-000123 à lire"


def test_a_mail_server_can_refuse_and_be_away(smtp: MailServer) -> None:
    smtp.refuse("550 No such person")
    with smtplib.SMTP("127.0.0.1", smtp.port, timeout=5) as client, pytest.raises(smtplib.SMTPRecipientsRefused):
        client.send_message(_mail())
    smtp.stop()
    with pytest.raises(OSError, match="refused"):
        smtplib.SMTP("127.0.0.1", smtp.port, timeout=5)
    assert smtp.mails == []


def test_the_undertaker_ends_what_a_killed_run_left_behind(tmp_path: Path) -> None:
    left = tmp_path / "left"
    left.mkdir()
    run = f"""
import os, signal, subprocess
from pathlib import Path
from tests.plant.undertaker import Undertaker
undertaker = Undertaker()
server = subprocess.Popen(["sleep", "60"], start_new_session=True)
undertaker.responsible_for_process(server.pid, signal.SIGTERM)
undertaker.responsible_for_folder(Path({str(left)!r}))
print(server.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    out = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True, timeout=30).stdout
    _wait_for_end(int(out))
    deadline = time.monotonic() + 10
    while left.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left.exists()


def test_the_undertaker_kills_only_what_it_was_told_of() -> None:
    mine, other = (subprocess.Popen(["sleep", "60"], start_new_session=True) for _ in range(2))
    undertaker = Undertaker()
    undertaker.responsible_for_process(mine.pid, signal.SIGTERM)
    undertaker.finish()
    assert birth(mine.pid) is None
    assert birth(other.pid) is not None
    for each in (mine, other):
        each.kill()
        each.wait()


def _wait_for_end(pid: int) -> None:
    deadline = time.monotonic() + 10
    while birth(pid) is not None:
        assert time.monotonic() < deadline, f"{pid} still runs"
        time.sleep(0.05)
