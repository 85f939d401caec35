"""The chassis' workers as processes, on RabbitMQ and PostgreSQL, and on the embedded default."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis import operations
from chassis.broker import open_broker
from chassis.broker.amqp import SUSPECT, AmqpBroker
from chassis.context import Context
from chassis.message import Delivery
from chassis.relay import Outgoing
from chassis.settings import Settings
from chassis.store import heartbeats
from tests.migrated import bring_up
from tests.plant.postgresql import PostgreSQL
from tests.plant.rabbitmq import RabbitMQ
from tests.plant.server import PATIENCE
from tests.system import until
from tests.toy import deeds_of, make_context, ping
from tests.toy.service import PingService, PongService

A = "ISA-2026-000001"


class Workers:
    """Worker processes of the toy services, on stores of their own."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.environ = environ | {"ANCRAGE_DATA": str(folder)}
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []
        self.ping = self._context("ping")
        self.pong = self._context("pong")

    def _context(self, name: str) -> Context:
        url = self.environ.get(f"ANCRAGE_{name.upper()}_DATABASE_URL", "").replace("postgresql:", "postgresql+psycopg:")
        context = make_context(name, self.folder, url or None, clock=_clock())
        bring_up(context.store)
        return context

    def start(self, *names: str, **more: str) -> subprocess.Popen[bytes]:
        log = open(self.folder / "log", "ab")  # noqa: SIM115 - the process writes on
        command = [sys.executable, "-m", "tests.toy.service", *(names or ("ping", "pong"))]
        process = subprocess.Popen(command, env=os.environ | self.environ | more, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def kill(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait(PATIENCE)
        self.ping.store.dispose()
        self.pong.store.dispose()


def _clock() -> Any:
    from chassis.clock import SystemClock

    return SystemClock()


def ready(context: Context) -> bool:
    return bool(operations.status(context)["ready"])


@pytest.fixture(params=["embedded", "production"])
def workers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workers]:
    environ = {} if request.param == "embedded" else _production(request)
    workers = Workers(tmp_path, environ)
    yield workers
    workers.kill()


@pytest.fixture
def production(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workers]:
    workers = Workers(tmp_path, _production(request))
    yield workers
    workers.kill()


def _production(request: pytest.FixtureRequest) -> dict[str, str]:
    postgres: PostgreSQL = request.getfixturevalue("postgres")
    url: str = request.getfixturevalue("amqp_url")
    for service in (PingService, PongService):
        from chassis.worker import declare

        declare([service], Settings.read({"ANCRAGE_AMQP_URL": url}))
    return {
        "ANCRAGE_AMQP_URL": url,
        "ANCRAGE_PING_DATABASE_URL": postgres.database(),
        "ANCRAGE_PONG_DATABASE_URL": postgres.database(),
    }


def test_what_another_process_committed_goes_the_whole_way(workers: Workers) -> None:
    workers.start()
    ping(workers.ping, A, 1, 2, 3)
    until(lambda: deeds_of(workers.ping, A) == ["pong 1", "pong 2", "pong 3"])
    until(lambda: operations.status(workers.ping)["outbox_waiting"] == 0)


def test_a_schedule_runs(workers: Workers) -> None:
    workers.start("ping")
    until(lambda: len(deeds_of(workers.ping, "tick")) > 2)


def test_on_sigterm_a_worker_finishes_what_it_began_and_leaves_in_order(workers: Workers) -> None:
    process = workers.start()
    until(lambda: ready(workers.pong))
    ping(workers.ping, A, 777)
    time.sleep(0.4)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
    assert "Traceback" not in workers.log()
    assert not ready(workers.pong)
    workers.start()
    until(lambda: deeds_of(workers.ping, A) == ["pong 777"])
    assert deeds_of(workers.pong, A) == ["ping 777"]


def test_killed_in_the_middle_nothing_is_lost_and_nothing_done_twice(workers: Workers) -> None:
    for round in range(3):
        process = workers.start()
        until(lambda: ready(workers.pong))
        for number in range(300):
            ping(workers.ping, f"ISA-2026-0000{number % 7}", round * 1000 + number)
        time.sleep(0.05 * round)
        process.kill()
        process.wait(PATIENCE)
    workers.start()
    expected = sorted(f"ping {round * 1000 + number}" for round in range(3) for number in range(300))
    until(lambda: len(deeds_of(workers.pong)) >= 900)
    until(lambda: operations.status(workers.pong)["outbox_waiting"] == 0)
    until(lambda: _pongs(workers) >= 900)
    assert sorted(deeds_of(workers.pong)) == expected
    assert _pongs(workers) == 900
    for reference in (f"ISA-2026-0000{subject}" for subject in range(7)):
        done = [int(deed.split()[1]) for deed in deeds_of(workers.pong, reference)]
        assert done == sorted(done), "order per referral"


def _pongs(workers: Workers) -> int:
    return sum(deed.startswith("pong") for deed in deeds_of(workers.ping))


def test_a_worker_starts_with_the_broker_down_and_goes_on_when_it_is_back(
    production: Workers, rabbitmq: RabbitMQ
) -> None:
    rabbitmq.stop()
    ping(production.ping, A, 1)
    process = production.start()
    until(lambda: "BrokerUnreachable" in production.log())
    assert process.poll() is None
    rabbitmq.start()
    until(lambda: deeds_of(production.ping, A) == ["pong 1"])


def test_a_worker_lives_through_the_broker_being_killed(production: Workers, rabbitmq: RabbitMQ) -> None:
    production.start()
    until(lambda: ready(production.pong))
    rabbitmq.kill()
    ping(production.ping, A, 1, 2)
    rabbitmq.start()
    until(lambda: deeds_of(production.ping, A) == ["pong 1", "pong 2"])


def test_a_worker_starts_with_the_database_down_and_goes_on_when_it_is_back(
    production: Workers, postgres: PostgreSQL
) -> None:
    ping(production.ping, A, 1)
    production.ping.store.dispose()
    production.pong.store.dispose()
    postgres.stop()
    process = production.start()
    until(lambda: "StoreUnreachable" in production.log())
    assert process.poll() is None
    postgres.start()
    until(lambda: deeds_of(production.ping, A) == ["pong 1"])


def test_the_store_going_away_under_load_stops_consuming_and_loses_nothing(
    production: Workers, postgres: PostgreSQL
) -> None:
    production.start()
    until(lambda: ready(production.pong))
    for number in range(30):
        ping(production.ping, A, number)
    postgres.stop()
    time.sleep(1)
    postgres.start()
    until(lambda: len(deeds_of(production.pong, A)) == 30)
    assert deeds_of(production.pong, A) == [f"ping {number}" for number in range(30)]
    assert operations.failures(production.pong) == []


def test_a_message_that_kills_the_process_is_parked_and_takes_no_other_with_it(production: Workers) -> None:
    for number in (1, 2, 666, 3):
        ping(production.ping, f"ISA-2026-00000{number}", number)
    for number in range(10, 40):
        ping(production.ping, f"ISA-2026-0001{number}", number)
    _keep_running(production, lambda: _at_rest(production))
    parked = operations.failures(production.pong)
    assert [(f["error_type"], f["subject"]) for f in parked] == [("KilledTheWorker", "ISA-2026-00000666")]


def _at_rest(workers: Workers) -> bool:
    """All the others are done, and nothing is being tried any more (a suspect is noted while it is)."""
    states = [failure["state"] for failure in operations.failures(workers.pong)]
    return len(deeds_of(workers.pong)) == 33 and states == ["parked"]


def test_however_often_consumers_die_what_they_held_keeps_its_order(rabbitmq: RabbitMQ, amqp_url: str) -> None:
    broker = open_broker(amqp_url)
    broker.declare("pong", ["ping.pinged.v1"])
    outlet = broker.outlet("ping")
    bodies = [str(number).encode() for number in range(40)]
    outlet.publish([Outgoing(body.decode(), "ping.pinged.v1", body) for body in bodies])
    for death in range(4):
        inlet = broker.inlet("pong", ["ping.pinged.v1"])
        received: list[Delivery] = []
        until(lambda taken=received, inlet=inlet: taken.extend(inlet.receive(1, 0.5)) or taken)
        assert (received[0].body, received[0].suspect) == (bodies[0], death >= SUSPECT)
        inlet.close()
    inlet, received = broker.inlet("pong", ["ping.pinged.v1"]), []
    until(lambda: received.extend(inlet.receive(100, 0.5)) or len(received) == len(bodies))
    assert [delivery.body for delivery in received] == bodies


def _keep_running(workers: Workers, done: Callable[[], bool]) -> None:
    """Starts the workers again whenever they die, as whoever runs them would."""

    def look() -> bool:
        if all(process.poll() is not None for process in workers.processes):
            workers.start()
        return done()

    until(look)


def test_heartbeats_go_on_and_stopping_is_possible_while_a_query_is_slow(production: Workers) -> None:
    process = production.start()
    until(lambda: ready(production.pong))
    ping(production.ping, A, 888)
    until(lambda: _sleeps(production.pong))
    first = _seen(production.pong)
    until(lambda: _seen(production.pong) > first)
    assert _sleeps(production.pong)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
    assert deeds_of(production.pong, A) == ["ping 888"]


def _sleeps(context: Context) -> bool:
    """Whether the slow query is on its way."""
    with context.reading() as session:
        return bool(session.scalar(sa.text(_SLEEPING)))


_SLEEPING = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep%'"


def _seen(context: Context) -> Any:
    with context.reading() as session:
        return session.scalar(sa.select(sa.func.max(heartbeats.c.seen_at)))


def test_only_one_relay_is_active_and_the_other_takes_over(production: Workers) -> None:
    first = production.start("ping")
    until(lambda: ready(production.ping))
    production.start("ping")
    until(lambda: len(operations.status(production.ping)["workers"]) == 2)
    until(lambda: [w["relaying"] for w in operations.status(production.ping)["workers"]].count(True) == 1)
    production.start("pong")
    first.kill()
    ping(production.ping, A, 1)
    until(lambda: deeds_of(production.pong, A) == ["ping 1"])


def test_a_frozen_broker_confirms_nothing(rabbitmq: RabbitMQ, amqp_url: str) -> None:
    broker = open_broker(amqp_url)
    assert isinstance(broker, AmqpBroker)
    broker.declare("pong", ["ping.pinged.v1"])
    outlet = broker.outlet("ping")
    rabbitmq.freeze()
    outlet.publish([Outgoing("one", "ping.pinged.v1", b"{}")])
    assert outlet.outcomes(0.5) == []
    rabbitmq.thaw()
    outlet.publish([Outgoing("two", "nobody.bound.v1", b"{}")])
    landed: list[Any] = []
    until(lambda: landed.extend(outlet.outcomes(0.5)) or len(landed) == 2)
    assert {o.event_id: o.refused is None for o in landed} == {"one": True, "two": False}
