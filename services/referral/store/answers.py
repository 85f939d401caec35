"""Answers kept under the keys of those who may ask again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chassis.rows import claim
from chassis.store import UTCDateTime
from services.referral.domain import KEPT_FOR, Given, Sending
from services.referral.store.tables import metadata

answers = sa.Table(
    "answers",
    metadata,
    sa.Column("sender", sa.String(100), primary_key=True),
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("said", sa.String(64), nullable=False),  # keyed hash of the request
    sa.Column("status", sa.Integer),  # None only inside the transaction that answers
    sa.Column("body", sa.JSON),
    sa.Column("location", sa.String(200)),
    sa.Column("at", UTCDateTime, nullable=False),
    sa.Index("ix_answers_at", "at"),
)


@dataclass(frozen=True)
class Kept:
    """What was said under a key, and what was answered."""

    said: str
    given: Given


class Answers:
    def __init__(self, session: Session) -> None:
        self.session = session

    def claim(self, sending: Sending, now: datetime) -> Kept | None:
        """None where the key is the caller's now; the other caller's answer where it is not, once that is committed."""
        old = sa.delete(answers).where(*_of(sending), answers.c.at <= now - KEPT_FOR)
        self.session.execute(old)
        if claim(self.session, answers, [vars(sending) | {"at": now}], answers.c.key):
            return None
        kept = self.session.execute(sa.select(answers).where(*_of(sending))).one()
        return Kept(kept.said, Given(status=kept.status, body=kept.body, location=kept.location))

    def keep(self, sending: Sending, given: Given) -> None:
        self.session.execute(sa.update(answers).where(*_of(sending)).values(vars(given)))

    def forget(self, now: datetime) -> int:
        done = self.session.execute(sa.delete(answers).where(answers.c.at <= now - KEPT_FOR))
        return cast("sa.CursorResult[Any]", done).rowcount


def _of(sending: Sending) -> list[sa.ColumnElement[bool]]:
    return [answers.c.sender == sending.sender, answers.c.key == sending.key]
