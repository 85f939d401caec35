"""A system on a real broker, with somebody who listens to everything that goes over it."""

from pathlib import Path

from kombu import Connection

from tests.browser.site import Site
from tests.plant.rabbitmq import RabbitMQ


class Watched(Site):
    def __init__(self, folder: Path, rabbitmq: RabbitMQ) -> None:
        super().__init__(folder, {"ANCRAGE_AMQP_URL": rabbitmq.url()})
        self.rabbitmq = rabbitmq
        self.heard: list[str] = []

    def listen(self, queue: str) -> None:
        """From now on, a copy of every event goes to the queue."""
        with Connection(self.environ["ANCRAGE_AMQP_URL"]) as connection, connection.channel() as channel:
            channel.queue_declare(queue, auto_delete=False)
            channel.queue_bind(queue, "ancrage.events", "#")
