"""A queue as RabbitMQ's quorum queues are: what is held by whom, what is given back, what is given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from chassis.broker.amqp import DELIVERY_LIMIT
from chassis.envelope import Envelope, Undecodable, apart


@dataclass
class Held:
    """A message in a queue. `story` is what order is kept by: its publisher and its subject."""

    body: bytes
    story: tuple[str, str]
    deliveries: int = 0
    dead: bool = False


def held(body: bytes) -> Held:
    try:
        envelope = Envelope.decode(apart(body)[0])
    except Undecodable:
        return Held(body, ("", ""))
    return Held(body, (envelope.source, envelope.subject))


class Queue:
    """One service's queue and its dead letters. Only the first of its consumers is given anything."""

    def __init__(self) -> None:
        self.waiting: list[Held] = []
        self.returned: list[Held] = []  #: given back by consumers that went away; these go out first
        self.dead: list[Held] = []
        self.consumers: list[Any] = []
        self.copies: list[bytes] = []  #: all that ever came in: what a copy could be made of

    def __len__(self) -> int:
        return len(self.waiting) + len(self.returned) + len(self.dead)

    def put(self, body: bytes, rng: Random) -> None:
        """At the end, or somewhere before it: but never before another of its story."""
        message = held(body)
        behind = [place for place, other in enumerate(self.waiting) if other.story == message.story]
        first = behind[-1] + 1 if behind else 0
        last = len(self.waiting)
        self.waiting.insert(rng.randint(first, last) if rng.random() < 0.3 else last, message)
        self.copies.append(body)

    def take(self, limit: int, rng: Random) -> list[Held]:
        taken: list[Held] = []
        sources = [self.dead, self.returned, self.waiting]
        if rng.random() < 0.5:  # dead letters come by another way: before the others, or after them
            sources = sources[1:] + sources[:1]
        for source in sources:
            room = limit - len(taken)
            taken += source[:room]
            del source[:room]
        return taken

    def give_back(self, messages: Sequence[Held]) -> None:
        """In their order, but behind what others gave back before; what came too often is given up."""
        for message in messages:
            message.deliveries += 1
            if message.dead:
                self.dead.append(message)
            elif message.deliveries > DELIVERY_LIMIT:
                message.dead = True
                self.dead.append(message)
            else:
                self.returned.append(message)
