"""What the deployment's scripts set up keeps the services apart, on a real broker and a real database."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from ancrage.house import SERVICES
from chassis.broker.amqp import AmqpBroker
from chassis.relay import BrokerUnreachable, Outgoing, Outlet
from tests.plant.postgresql import PostgreSQL
from tests.plant.rabbitmq import RabbitMQ

DEPLOY = Path(__file__).parents[2] / "deploy"
PASSWORDS = {
    f"ANCRAGE_{name.upper()}_{kind}_PASSWORD": f"{name}-{kind}" for name in SERVICES for kind in ("AMQP", "DATABASE")
}
As = Callable[[str], AmqpBroker]


@pytest.fixture
def broker_as(rabbitmq: RabbitMQ, tmp_path: Path) -> As:
    """The broker as one of its users meets it, once installation has made the queues."""
    definitions = tmp_path / "definitions.json"
    start = tmp_path / "docker-entrypoint.sh"
    start.write_text("#!/bin/sh\n")
    start.chmod(0o755)
    environment = {
        **PASSWORDS,
        "ANCRAGE_TOPOLOGY_AMQP_PASSWORD": "topology-AMQP",
        "ANCRAGE_DEFINITIONS": str(definitions),
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
    }
    subprocess.run([DEPLOY / "rabbitmq/start"], env=environment, check=True)
    definitions.chmod(0o644)
    assert len(json.loads(definitions.read_text())["users"]) == len(SERVICES) + 1
    rabbitmq.ctl("import_definitions", str(definitions))

    def log_in(user: str) -> AmqpBroker:
        return AmqpBroker(f"amqp://{user}:{user}-AMQP@127.0.0.1:{rabbitmq.port}/ancrage")

    for service in ("referral", "placement"):
        log_in("topology").declare(service, ["referral.accepted.v1", "placement.placed.v1"])
    return log_in


def test_a_service_publishes_its_own_events_and_reads_its_own_queue(broker_as: As) -> None:
    outlet = broker_as("referral").outlet("referral")
    assert _publish(outlet, "referral.accepted.v1") == [None]
    inlet = broker_as("placement").inlet("placement", ["referral.accepted.v1"])
    assert len(inlet.receive(10, timeout=10)) == 1
    inlet.close()
    outlet.close()


def test_a_service_cannot_read_anothers_queue(broker_as: As) -> None:
    with pytest.raises(BrokerUnreachable, match="ACCESS_REFUSED"):
        broker_as("referral").inlet("placement", ["referral.accepted.v1"])


def _publish(outlet: Outlet, type: str) -> list[str | None]:
    outlet.publish([Outgoing(event_id="0190", type=type, body=b"{}")])
    return [outcome.refused for outcome in outlet.outcomes(timeout=10)]


def test_a_service_cannot_publish_anothers_event(broker_as: As) -> None:
    outlet = broker_as("referral").outlet("referral")
    with pytest.raises(BrokerUnreachable, match="ACCESS_REFUSED"):
        _publish(outlet, "placement.placed.v1")


def test_each_service_has_a_database_that_no_other_may_enter(postgres: PostgreSQL) -> None:
    environment = {
        **os.environ,
        **PASSWORDS,
        "POSTGRES_USER": "ancrage",
        "PGHOST": "127.0.0.1",
        "PGPORT": str(postgres.port),
        "PGPASSWORD": "ancrage",
    }
    subprocess.run([DEPLOY / "postgres/databases.sh"], env=environment, check=True)

    def enter(role: str, database: str) -> psycopg.Connection:
        whom = f"user=ancrage_{role} password={role}-DATABASE dbname=ancrage_{database}"
        return psycopg.connect(f"host=127.0.0.1 port={postgres.port} {whom}")

    with enter("referral", "referral") as connection:
        connection.execute("CREATE TABLE own (id int)")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        enter("referral", "placement")
