"""What is left of a person when they are forgotten: a count without a reference; and what will go, and when."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chassis.store import Store
from services.referral.domain import CLOSED, AnnouncedErasure, Referral, counted_in, erased_as
from services.referral.store import tables
from services.referral.store.answers import answers
from services.referral.store.imports import import_files, import_keys, import_rows
from services.referral.store.tables import within

#: every table that holds something of a referral, by the column that says of which
_BY_ID = (tables.timeline.c.referral_id, tables.name_keys.c.referral_id, tables.costs.c.referral_id)
_BY_REFERENCE = (
    tables.drafts.c.corrects,
    tables.drafts.c.sent_as,
    tables.erasures.c.reference,
    import_rows.c.reference,
    import_keys.c.reference,
)

#: what a file is called whose name is forgotten
NO_NAME = "–"


class Erasing:
    """The part of a unit of work that forgets."""

    def __init__(self, store: Store, session: Session) -> None:
        self._store = store
        self._session = session

    def of_person(self, person: str, areas: Collection[str]) -> Sequence[Referral]:
        """All referrals of one person in these areas, locked."""
        table = tables.referrals.c
        query = sa.select(Referral).where(table.person == person, *within(areas)).order_by(table.reference)
        return self._session.scalars(query.with_for_update()).all()

    def forget(self, referral: Referral) -> None:
        """The referral and all that hangs on it go; a count of it stays."""
        self._count(referral)
        self._session.expunge(referral)
        self._forget_names(import_rows.c.reference == referral.reference)
        for column in _BY_ID:
            self._session.execute(sa.delete(column.table).where(column == referral.id))
        for column in _BY_REFERENCE:
            self._session.execute(sa.delete(column.table).where(column == referral.reference))
        told = answers.c
        answered = told.location.contains(referral.reference) | sa.cast(told.body, sa.Text).contains(referral.reference)
        self._session.execute(sa.delete(answers).where(answered))
        self._session.execute(sa.delete(tables.referrals).where(tables.referrals.c.id == referral.id))

    def forget_rows(self, avs_number: str) -> None:
        """Rows of files that became no referral are known by what stands in them alone; they are kept for days only."""
        rows = self._session.execute(sa.select(import_rows.c.file_id, import_rows.c.number, import_rows.c.content))
        for file_id, number, content in rows.all():
            if _digits(avs_number) in map(_digits, (*content["cells"], *content["answers"].values())):
                of_it = (import_rows.c.file_id == file_id) & (import_rows.c.number == number)
                self._forget_names(of_it)
                self._session.execute(sa.delete(import_rows).where(of_it))

    def _forget_names(self, row: sa.ColumnElement[bool]) -> None:
        """A file may be called after a person in it."""
        files = sa.select(import_rows.c.file_id).where(row)
        self._session.execute(sa.update(import_files).where(import_files.c.id.in_(files)).values(name=NO_NAME))

    def forget_key(self, person: str) -> None:
        """Who the pseudonym stood for can't be found out any more, once no other referral of the person is left."""
        others = sa.exists().where(tables.referrals.c.person == person)
        key, drafts = tables.pseudonyms, tables.drafts
        self._session.execute(sa.delete(key).where(key.c.person == person, ~others))
        self._session.execute(sa.delete(drafts).where(drafts.c.person == person, ~others))

    def announce(self, announced: Sequence[AnnouncedErasure]) -> None:
        self._session.add_all(announced)

    def call_off(self, reference: str) -> None:
        self._session.execute(sa.delete(tables.erasures).where(tables.erasures.c.reference == reference))

    def _count(self, referral: Referral) -> None:
        told = {"month": counted_in(referral), "cms_area": referral.cms_area, "region": referral.region or ""}
        insert = self._store.insert(tables.erased_counts).values(told | {"outcome": erased_as(referral), "people": 1})
        more = {"people": tables.erased_counts.c.people + 1}
        keys = [column.name for column in tables.erased_counts.primary_key]
        self._session.execute(insert.on_conflict_do_update(index_elements=keys, set_=more))


def forget_drafts(session: Session, before: datetime) -> None:
    """What nobody has gone on with since then."""
    session.execute(sa.delete(tables.drafts).where(tables.drafts.c.saved_at < before))


def _digits(value: Any) -> str:
    return "".join(filter(str.isdigit, str(value)))


def quiet_since(session: Session, before: datetime, limit: int | None) -> Sequence[Any]:
    """Closed referrals of which nothing was heard after `before`, not announced yet: reference, cms_area, last_news.

    That partners were told is no news of the person.
    """
    referral, told, last = tables.referrals.c, tables.timeline.c, sa.func.max(tables.timeline.c.at)
    announced = sa.exists().where(tables.erasures.c.reference == referral.reference)
    query = sa.select(referral.reference, referral.cms_area, referral.state, last.label("last_news"))
    query = query.join(tables.timeline, told.referral_id == referral.id)
    query = query.where(referral.state.in_(CLOSED), referral.submitted_at < before, ~announced)
    query = query.where(told.type.not_like("notification.%")).group_by(referral.id).having(last < before)
    return session.execute(query.order_by(referral.reference).limit(limit)).all()


def due(session: Session, today: date, limit: int | None) -> list[str]:
    """References of what was announced for today or before."""
    table = tables.erasures.c
    return list(session.scalars(sa.select(table.reference).where(table.on <= today).order_by(table.on).limit(limit)))


def last_news_of(session: Session, referral: Referral) -> datetime:
    table = tables.timeline.c
    of_it = (table.referral_id == referral.id) & table.type.not_like("notification.%")
    return session.scalar(sa.select(sa.func.max(table.at)).where(of_it)) or referral.submitted_at
