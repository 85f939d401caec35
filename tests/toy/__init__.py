"""Two small services that pass an event to and fro: what the chassis is tried on."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import sqlalchemy as sa
from marshmallow import Schema, fields

from chassis.consumer import Subscription
from chassis.context import Context
from chassis.settings import Settings
from chassis.store import Store, service_metadata
from chassis.testing import FrozenClock, Room

metadata = service_metadata()

#: what was done, in order: one row an effect
deeds = sa.Table(
    "deeds",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("reference", sa.String(40), nullable=False),
    sa.Column("what", sa.String(40), nullable=False),
)


class _Toy(Schema):
    reference = fields.String(required=True)
    number = fields.Integer(required=True, strict=True)


@dataclass(frozen=True)
class Toy:
    reference: str
    number: int = 0
    TYPE: ClassVar[str] = ""

    def to_data(self) -> dict[str, Any]:
        return {"reference": self.reference, "number": self.number}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Toy":
        return cls(**_Toy().load(data))


class Pinged(Toy):
    TYPE = "ping.pinged.v1"


class Ponged(Toy):
    TYPE = "pong.ponged.v1"


class Unheard(Toy):
    TYPE = "ping.unheard.v1"


class Troubles:
    """What goes wrong in a handler: an error by event number, raised so many times."""

    def __init__(self) -> None:
        self.errors: dict[int, list[BaseException]] = {}

    def plan(self, number: int, *errors: BaseException) -> None:
        self.errors[number] = list(errors)

    def maybe_raise(self, number: int) -> None:
        if self.errors.get(number):
            raise self.errors[number].pop(0)


def make_context(name: str, folder: Path, url: str | None = None, **overrides: Any) -> Context:
    """A toy service's context on a fresh store: SQLite in `folder`, or `url`."""
    settings = Settings.read({}, data=folder, create=True)
    store = Store(name, url or settings.database_url(name), metadata, Path(__file__).parent / "migrations")
    return Context(name=name, settings=settings, store=store, **({"clock": FrozenClock()} | overrides))


def do(unit: Any, event: Any, what: str) -> None:
    unit.session.execute(sa.insert(deeds).values(reference=event.reference, what=f"{what} {event.number}"))


def pong_room(context: Context, troubles: Troubles | None = None) -> Room:
    """Answers each ping with a pong."""

    def on_ping(unit: Any, event: Pinged) -> None:
        do(unit, event, "ping")
        (troubles or Troubles()).maybe_raise(event.number)
        unit.emit(Ponged(event.reference, event.number))

    return Room(context, [Subscription(Pinged, on_ping)])


def ping_room(context: Context) -> Room:
    """Notes each pong."""
    return Room(context, [Subscription(Ponged, lambda unit, event: do(unit, event, "pong"))])


def ping(context: Context, reference: str, *numbers: int) -> None:
    """Commits pings, all in one unit of work."""
    with context.unit() as unit:
        unit.emit(*(Pinged(reference, number) for number in numbers))


def deeds_of(context: Context, reference: str | None = None) -> list[str]:
    query = sa.select(deeds.c.what).order_by(deeds.c.id)
    if reference:
        query = query.where(deeds.c.reference == reference)
    with context.reading() as session:
        return list(session.scalars(query))
