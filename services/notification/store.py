"""Where messages and their deliveries are kept: tables, the mapping of the domain onto them, how they are found."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, registry, relationship

from chassis.mail import Letter
from chassis.rows import among
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
mapper_registry.map_imperatively(Subject, subjects)
mapper_registry.map_imperatively(HeldNews, held_news)
mapper_registry.map_imperatively(Message, messages)
mapper_registry.map_imperatively(Delivery, deliveries, properties={"message": relationship(Message)})


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
        self._found: dict[str, Subject | None] = {}
        self._held: dict[str, list[HeldNews]] = {}

    def load(self, references: Iterable[str]) -> None:
        """Fetches all these at once; afterwards nothing is asked of the store for any of them."""
        wanted = sorted(set(references) - self._found.keys())
        if not wanted:
            return
        # locked: an event that brings the area and one that waits for it must not miss each other
        found = among(self._session, subjects.c.reference, wanted)
        query = sa.select(Subject).where(found).order_by(subjects.c.reference)
        self._found |= dict.fromkeys(wanted)
        self._found |= {s.reference: s for s in self._session.scalars(query.with_for_update())}
        self._load_held([s.reference for s in map(self._found.get, wanted) if s is not None and s.area is None])

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
            self._session.add(found)
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


class Messages:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, delivery: Delivery) -> None:
        self._session.add(delivery)

    def get(self, id: str, partner_codes: Iterable[str]) -> Message:
        """A message of one of these partners, locked; raises MessageNotFound, also for other partners' messages."""
        query = sa.select(Message).where(messages.c.id == id, messages.c.partner.in_(list(partner_codes)))
        found = self._session.scalars(query.with_for_update()).one_or_none()
        if found is None:
            raise MessageNotFound(id)
        return found

    def forget(self, reference: str) -> None:
        ids = sa.select(messages.c.id).where(messages.c.reference == reference)
        self._session.execute(sa.delete(deliveries).where(deliveries.c.message_id.in_(ids)))
        self._session.execute(sa.delete(messages).where(messages.c.reference == reference))


class Deliveries:
    def __init__(self, session: Session) -> None:
        self._session = session

    def due(self, now: datetime, limit: int) -> list[Delivery]:
        """E-mails to be sent by `now`, oldest first, locked; those that another worker holds are left to it."""
        due = (deliveries.c.channel == EMAIL) & (deliveries.c.next_attempt_at <= now)
        query = sa.select(Delivery).where(due).order_by(deliveries.c.next_attempt_at, deliveries.c.id)
        locked = query.limit(limit).with_for_update(skip_locked=True, of=deliveries)
        return list(self._session.scalars(locked.options(_WITH_MESSAGE)))

    def by_ids(self, ids: Iterable[str]) -> dict[str, Delivery]:
        """Those that still exist, locked, by id."""
        query = sa.select(Delivery).where(among(self._session, deliveries.c.id, list(ids))).order_by(deliveries.c.id)
        locked = query.with_for_update(of=deliveries).options(_WITH_MESSAGE)
        return {delivery.id: delivery for delivery in self._session.scalars(locked)}

    def get(self, id: str) -> Delivery:
        """Raises DeliveryNotFound."""
        found = self.by_ids([id]).get(id)
        if found is None:
            raise DeliveryNotFound(id)
        return found


_WITH_MESSAGE = joinedload(sa.inspect(Delivery).attrs.message.class_attribute, innerjoin=True)


class Unit(UnitOfWork):
    """One transaction of notification."""

    AT_THE_END = (Subject, Message, Delivery)
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

    @cached_property
    def deliveries(self) -> Deliveries:
        return Deliveries(self.session)
