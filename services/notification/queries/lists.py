"""Lists out of the store, a page at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.notification.domain import Shows
from services.notification.store import deliveries, messages, partners

PAGE = 50  #: lines of a list on one page

_MESSAGE = (
    messages.c.id,
    messages.c.partner,
    messages.c.about,
    messages.c.label,
    messages.c.facts,
    messages.c.created_at,
    messages.c.acknowledged_at,
)
_PARTNER = (partners.c.name.label("partner_name"), partners.c.kind)
_BY_PSEUDONYM = (partners.c.shows == Shows.PSEUDONYM) & messages.c.label.is_not(None)


def is_mail_due(session: Session, now: datetime) -> bool:
    due = sa.select(deliveries.c.id).where(deliveries.c.next_attempt_at <= now).limit(1)
    return session.execute(due).first() is not None


def inbox(session: Session, codes: Sequence[str], page: int, unread_only: bool) -> Sequence[Any]:
    """One page (from 1) of the messages to these partners, newest first, and the first line of the next."""
    wanted = [messages.c.partner.in_(codes)]
    if unread_only:
        wanted.append(messages.c.acknowledged_at.is_(None))
    query = sa.select(*_MESSAGE, *_PARTNER).join(partners).where(_on_page(messages.c.id, wanted, page))
    return session.execute(query.order_by(messages.c.id.desc())).all()


def unread(session: Session, codes: Sequence[str]) -> int:
    counted = sa.select(sa.func.count()).select_from(messages)
    where = messages.c.partner.in_(codes) & messages.c.acknowledged_at.is_(None)
    return session.scalar(counted.where(where)) or 0


def message(session: Session, id: str, codes: Sequence[str]) -> Any | None:
    """The message with its partner, where it is to one of these."""
    query = sa.select(*_MESSAGE, *_PARTNER).join(partners)
    return session.execute(query.where(messages.c.id == id, messages.c.partner.in_(codes))).one_or_none()


def delivery_list(session: Session, state: str | None, page: int) -> Sequence[Any]:
    """One page of the deliveries, newest first, and the first line of the next; `state` None: all.

    Its readers know references: beside one, a pseudonym would lead to a person. So none is told.
    """
    label = sa.case((_BY_PSEUDONYM, None), else_=messages.c.label).label("label")
    told = (messages.c.about, messages.c.created_at, label, _BY_PSEUDONYM.label("by_pseudonym"))
    columns = (*deliveries.c, *told, *_PARTNER)
    query = sa.select(*columns).join(messages, deliveries.c.message_id == messages.c.id)
    query = query.join(partners, messages.c.partner == partners.c.code)
    wanted = [] if state is None else [deliveries.c.state == state]
    query = query.where(_on_page(deliveries.c.id, wanted, page)).order_by(deliveries.c.id.desc())
    return session.execute(query).all()


def pseudonyms_in(session: Session, delivery_ids: Sequence[str]) -> dict[str, str]:
    """The pseudonym that each of these deliveries names, of those that name one."""
    query = sa.select(deliveries.c.id, messages.c.label).join(messages, deliveries.c.message_id == messages.c.id)
    query = query.join(partners, messages.c.partner == partners.c.code).where(_BY_PSEUDONYM)
    return {row.id: row.label for row in session.execute(query.where(deliveries.c.id.in_(delivery_ids)))}


def deliveries_by_state(session: Session) -> dict[str, int]:
    counted = sa.select(deliveries.c.state, sa.func.count()).group_by(deliveries.c.state)
    return {str(state): count for state, count in session.execute(counted)}


def partner_list(session: Session) -> Sequence[Any]:
    return session.execute(sa.select(partners).order_by(partners.c.code)).all()


def partner(session: Session, code: str) -> Any | None:
    return session.execute(sa.select(partners).where(partners.c.code == code)).one_or_none()


def _on_page(key: sa.Column[str], wanted: Sequence[sa.ColumnElement[bool]], page: int) -> sa.ColumnElement[bool]:
    """Whether a row is on the page, newest first, or the first of the next; what lies before it is not read whole."""
    keys = sa.select(key).where(*wanted).order_by(key.desc())
    return key.in_(keys.limit(PAGE + 1).offset((page - 1) * PAGE))
