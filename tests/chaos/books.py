"""What stands in the stores at the end, read past everything that was broken."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from chassis.context import Context
from chassis.store import failures, inbox, outbox


@dataclass(frozen=True)
class Sent:
    """An event as committed by its publisher."""

    service: str
    seq: int
    id: str
    type: str
    subject: str
    cause: str | None = None  #: the event in whose handling it was committed
    data: str = "{}"  #: JSON, keys sorted


@dataclass(frozen=True)
class Handled:
    service: str
    id: str


@dataclass(frozen=True)
class Failed:
    service: str
    id: str
    subject: str | None
    state: str
    error: str | None = None
    type: str | None = None


@dataclass(frozen=True)
class Group:
    code: str
    capacity: int
    taken: int


@dataclass
class Books:
    """All stores side by side. Participations and referrals: reference -> state."""

    sent: list[Sent] = field(default_factory=list)
    handled: list[Handled] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    referrals: dict[str, str] = field(default_factory=dict)
    people: dict[str, list[str]] = field(default_factory=dict)  #: keyed hash -> states of the person's referrals
    timelines: dict[str, list[str]] = field(default_factory=dict)  #: reference -> event ids, as heard
    participations: dict[str, str] = field(default_factory=dict)
    seats: dict[str, int] = field(default_factory=dict)  #: group -> people who have a seat in it
    groups: list[Group] = field(default_factory=list)
    enrolled: set[str] = field(default_factory=set)
    messages: list[tuple[str, str, str]] = field(default_factory=list)  #: cause, partner, what about


def read(contexts: Mapping[str, Context]) -> Books:
    books = Books()
    for service, context in contexts.items():
        _read_chassis(books, service, context)
    _read_referrals(books, contexts["referral"])
    _read_places(books, contexts["placement"])
    _read_rest(books, contexts)
    return books


def _read_chassis(books: Books, service: str, context: Context) -> None:
    with context.reading() as session:
        for row in session.execute(sa.select(outbox).order_by(outbox.c.seq)):
            told = json.loads(row.body)
            data = json.dumps(told["data"], sort_keys=True)
            sent = Sent(service, row.seq, row.event_id, row.type, row.subject, told.get("causationid"), data)
            books.sent.append(sent)
        handled = session.scalars(sa.select(inbox.c.event_id).where(inbox.c.handled_at.is_not(None)))
        books.handled.extend(Handled(service, id) for id in handled)
        for row in session.execute(sa.select(failures)):
            books.failed.append(Failed(service, row.event_id, row.subject, row.state, row.error_type, row.type))


def _read_referrals(books: Books, context: Context) -> None:
    with context.reading() as session:
        rows = session.execute(sa.text("SELECT id, reference, person, state FROM referrals")).all()
        notes = session.execute(sa.text("SELECT id, referral_id FROM timeline ORDER BY seq")).all()
    references = {row.id: row.reference for row in rows}
    for row in rows:
        books.referrals[row.reference] = row.state
        books.people.setdefault(row.person, []).append(row.state)
    for note in notes:
        books.timelines.setdefault(references[note.referral_id], []).append(note.id)


def _read_places(books: Books, context: Context) -> None:
    with context.reading() as session:
        for row in session.execute(sa.text("SELECT reference, state, group_code FROM participations")):
            books.participations[row.reference] = row.state
            if row.state in ("offered", "placed", "active", "paused"):
                books.seats[row.group_code] = books.seats.get(row.group_code, 0) + 1
        for row in session.execute(sa.text("SELECT code, capacity, offered + placed + occupied AS taken FROM groups")):
            books.groups.append(Group(row.code, row.capacity, row.taken))


def _read_rest(books: Books, contexts: Mapping[str, Context]) -> None:
    with contexts["evaluation"].reading() as session:
        books.enrolled = set(session.scalars(sa.text("SELECT reference FROM participations")))
    with contexts["notification"].reading() as session:
        rows = session.execute(sa.text("SELECT cause_id, partner, about FROM messages")).all()
    books.messages = [(row.cause_id, row.partner, row.about) for row in rows]
