"""Where messages and their deliveries are kept: tables, the mapping of the domain onto them, how they are found."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, registry

from chassis.mail import Letter
from chassis.records import Records
from chassis.rows import Write, among
from chassis.store import Serial, UTCDateTime, service_metadata
from chassis.unit import UnitOfWork
from services.notification.domain import (
    EMAIL,
    Delivery,
    DeliveryNotFound,
    DeliveryState,
    HeldNews,
    Kind,
    Message,
    MessageNotFound,
    Partner,
    PartnerNotFound,
    Shows,
    Subject,
)

if TYPE_CHECKING:
    from services.notification.wiring import NotificationContext

metadata = service_metadata()


def _named(kind: type[StrEnum]) -> sa.Enum:
    return sa.Enum(kind, native_enum=False, length=20, values_callable=lambda states: [s.value for s in states])


partners = sa.Table(
    "partners",
    metadata,
    sa.Column("code", sa.String(40), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("kind", _named(Kind), nullable=False),
    sa.Column("language", sa.String(2), nullable=False),
    sa.Column("email", sa.String(200)),
    sa.Column("shows", _named(Shows), nullable=False),
    sa.Column("told_of", sa.JSON, nullable=False),
    sa.Column("area", sa.String(40)),
    sa.Column("region", sa.String(40)),
)

subjects = sa.Table(
    "subjects",
    metadata,
    sa.Column("reference", sa.String(40), primary_key=True),
    sa.Column("area", sa.String(40)),
    sa.Column("region", sa.String(40)),
    sa.Column("erased", sa.Boolean, nullable=False),
)

held_news = sa.Table(
    "held_news",
    metadata,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("about", sa.String(100), nullable=False),
    sa.Column("reference", sa.String(40), nullable=False, index=True),
    sa.Column("region", sa.String(40)),
    sa.Column("facts", sa.JSON, nullable=False),
    sa.Column("held_at", UTCDateTime, nullable=False),
    sa.Column("cause_id", sa.String(200)),
    sa.Column("correlation_id", sa.String(200)),
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("partner", sa.String(40), sa.ForeignKey("partners.code"), nullable=False),
    sa.Column("about", sa.String(100), nullable=False),
    sa.Column("reference", sa.String(40), nullable=False, index=True),
    sa.Column("label", sa.String(40)),
    sa.Column("facts", sa.JSON, nullable=False),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.Column("cause_id", sa.String(200)),
    sa.Column("correlation_id", sa.String(200)),
    sa.Column("acknowledged_at", UTCDateTime),
    sa.Column("acknowledged_by", sa.String(100)),
)
sa.Index("ix_messages_inbox", messages.c.partner, messages.c.id)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column(
        "message_id",
        sa.String(36),
        sa.ForeignKey("messages.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    sa.Column("channel", sa.String(10), nullable=False),
    sa.Column("state", _named(DeliveryState), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_attempt_at", UTCDateTime),
    sa.Column("cause", sa.String(40)),
    sa.Column("detail", sa.String(300)),
    sa.Column("sent_at", UTCDateTime),
)
# only what is still to be sent has a next attempt: the index stays as small as the queue
sa.Index(
    "ix_deliveries_due",
    deliveries.c.next_attempt_at,
    postgresql_where=deliveries.c.next_attempt_at.isnot(None),
    sqlite_where=deliveries.c.next_attempt_at.isnot(None),
)
sa.Index("ix_deliveries_state", deliveries.c.state, deliveries.c.id)

mapper_registry = registry(metadata=metadata)
mapper_registry.map_imperatively(Partner, partners, version_id_col=partners.c.version)
mapper_registry.map_imperatively(HeldNews, held_news)


class Partners:
    """All partners: there are few, and they are read once a transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @cached_property
    def all(self) -> Sequence[Partner]:
        with self._session.no_autoflush:  # what is new so far is written with the rest
            return self._session.scalars(sa.select(Partner).order_by(partners.c.code)).all()

    def get(self, code: str) -> Partner:
        """Raises PartnerNotFound."""
        found = next((partner for partner in self.all if partner.code == code), None)
        if found is None:
            raise PartnerNotFound(code)
        return found


class Subjects:
    """What is known of the referrals of one transaction, and the news held back for them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._records: Records[Subject] = Records(subjects)
        self._found: dict[str, Subject | None] = {}
        self._held: dict[str, list[HeldNews]] = {}

    def load(self, references: Iterable[str]) -> None:
        """Fetches all these at once; afterwards nothing is asked of the store for any of them."""
        wanted = sorted(set(references) - self._found.keys())
        if not wanted:
            return
        # locked: an event that brings the area and one that waits for it must not miss each other
        found = among(self._session, subjects.c.reference, wanted)
        query = sa.select(subjects).where(found).order_by(subjects.c.reference)
        known = self._records.keep(Subject(*row) for row in self._session.execute(query.with_for_update()))
        self._found |= dict.fromkeys(wanted) | {subject.reference: subject for subject in known}
        self._load_held([subject.reference for subject in known if subject.area is None])

    def _load_held(self, references: Sequence[str]) -> None:
        """News is held back only as long as it is not known whom it concerns: mostly there is nothing to ask for."""
        if not references:
            return
        among_them = among(self._session, held_news.c.reference, references)
        for news in self._session.scalars(sa.select(HeldNews).where(among_them).order_by(held_news.c.id)):
            self._held.setdefault(news.reference, []).append(news)

    def get(self, reference: str) -> Subject:
        """What is known of the referral; a new one, of which nothing is known yet, where it was never heard of."""
        self.load([reference])
        found = self._found[reference]
        if found is None:
            found = self._found[reference] = Subject(reference)
            self._records.add(found)
        return found

    def hold(self, news: HeldNews) -> None:
        self._session.add(news)
        self._held.setdefault(news.reference, []).append(news)

    def release(self, reference: str) -> list[HeldNews]:
        """The news held back for this referral, oldest first; they are held no longer."""
        self.load([reference])
        released = self._held.pop(reference, [])
        for news in released:
            if sa.inspect(news).pending:
                self._session.expunge(news)
            else:
                self._session.delete(news)
        return released

    @property
    def writes(self) -> list[Write]:
        return self._records.writes


class Messages:
    """Messages with their deliveries: new ones, and those that are looked for."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._messages: Records[Message] = Records(messages)
        self._deliveries: Records[Delivery] = Records(deliveries, _row_of)

    def add(self, delivery: Delivery) -> None:
        """A delivery and its message."""
        self._messages.add(delivery.message)
        self._deliveries.add(delivery)

    @property
    def added(self) -> Sequence[Delivery]:
        return self._deliveries.new

    def get(self, id: str, partner_codes: Iterable[str]) -> Message:
        """A message of one of these partners, locked; raises MessageNotFound, also for other partners' messages."""
        query = sa.select(messages).where(messages.c.id == id, messages.c.partner.in_(list(partner_codes)))
        row = self._session.execute(query.with_for_update()).one_or_none()
        if row is None:
            raise MessageNotFound(id)
        (message,) = self._messages.keep([Message(*row)])
        return message

    def due(self, now: datetime, limit: int) -> list[Delivery]:
        """E-mails to be sent by `now`, oldest first, locked; those that another worker holds are left to it."""
        due = (deliveries.c.channel == EMAIL) & (deliveries.c.next_attempt_at <= now)
        query = _DELIVERIES.where(due).order_by(deliveries.c.next_attempt_at, deliveries.c.id)
        return self._found(query.limit(limit).with_for_update(skip_locked=True, of=deliveries))

    def deliveries(self, ids: Iterable[str]) -> dict[str, Delivery]:
        """Those that still exist, locked, by id."""
        query = _DELIVERIES.where(among(self._session, deliveries.c.id, list(ids))).order_by(deliveries.c.id)
        return {delivery.id: delivery for delivery in self._found(query.with_for_update(of=deliveries))}

    def delivery(self, id: str) -> Delivery:
        """Raises DeliveryNotFound."""
        found = self.deliveries([id]).get(id)
        if found is None:
            raise DeliveryNotFound(id)
        return found

    def _found(self, query: sa.Select[Any]) -> list[Delivery]:
        return self._deliveries.keep(map(_delivery_in, self._session.execute(query)))

    def forget(self, reference: str) -> None:
        ids = sa.select(messages.c.id).where(messages.c.reference == reference)
        self._session.execute(sa.delete(deliveries).where(deliveries.c.message_id.in_(ids)))
        self._session.execute(sa.delete(messages).where(messages.c.reference == reference))
        self._deliveries.forget(lambda delivery: delivery.message.reference == reference)
        self._messages.forget(lambda message: message.reference == reference)

    @property
    def writes(self) -> list[Write]:
        return [*self._messages.writes, *self._deliveries.writes]


def _row_of(delivery: Delivery) -> dict[str, Any]:
    row = {**vars(delivery), "message_id": delivery.message.id}
    del row["message"]
    return row


#: the columns of both, in the order of the classes' fields
_DELIVERIES = sa.select(deliveries, messages).join(messages)


def _delivery_in(row: Sequence[Any]) -> Delivery:
    id, _message_id, *rest = row[: len(deliveries.c)]
    return Delivery(id, Message(*row[len(deliveries.c) :]), *rest)


class Unit(UnitOfWork):
    """One transaction of notification."""

    context: "NotificationContext"

    @cached_property
    def letters(self) -> list[Letter]:
        """E-mails that are claimed in it, to be sent at once when it is committed."""
        return []

    def committed(self) -> None:
        super().committed()
        if self.letters and self.context.prompt:
            self.context.at_hand.extend(self.letters)
            self.context.prompt()

    @cached_property
    def partners(self) -> Partners:
        return Partners(self.session)

    @cached_property
    def subjects(self) -> Subjects:
        return Subjects(self.session)

    @cached_property
    def messages(self) -> Messages:
        return Messages(self.session)

    def finish(self) -> None:
        self.write_at_the_end(*self.subjects.writes, *self.messages.writes)
        super().finish()
