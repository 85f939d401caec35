"""The broker and the database that both stacks share, as tests start them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.plant.postgresql import PostgreSQL
from tests.plant.rabbitmq import RabbitMQ
from tests.plant.undertaker import Undertaker


class TimedPostgreSQL(PostgreSQL):
    """Keeps the time of every commit: the one clock by which both stacks' latencies are read."""

    def __init__(self, undertaker: Undertaker) -> None:
        super().__init__(undertaker)
        with (self.folder / "cluster" / "postgresql.conf").open("a") as configuration:
            configuration.write("track_commit_timestamp = on\n")


@dataclass(frozen=True)
class Servers:
    rabbitmq: RabbitMQ
    postgres: PostgreSQL

    @property
    def pids(self) -> dict[str, int]:
        return {"broker": self.rabbitmq._pid, "postgres": self.postgres._pid}


@contextmanager
def started(*, broker: bool = True) -> Iterator[Servers]:
    """Both, or the database alone, for as long as it lasts; fsync and synchronous_commit on."""
    undertaker = Undertaker()
    try:
        servers = Servers(RabbitMQ(undertaker), TimedPostgreSQL(undertaker))
        servers.postgres.start()
        if broker:
            servers.rabbitmq.start()
        yield servers
    finally:
        undertaker.finish()
