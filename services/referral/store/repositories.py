"""Where referrals, pseudonyms and rules are found, and the unit of work that holds them together."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis.rows import INSERT, INSERT_NEW, Write, among
from chassis.unit import UnitOfWork
from services.referral.domain import (
    Entry,
    NoRulesInForce,
    PersonHasOpenReferral,
    Referral,
    ReferralNotFound,
    Rules,
    local_day,
)
from services.referral.store import tables
from services.referral.store.answers import Answers
from services.referral.store.costs import Costs
from services.referral.store.drafts import Drafts
from services.referral.store.erasing import Erasing
from services.referral.store.imports import Imports
from services.referral.store.keys import hashed_keys
from services.referral.store.rules import RuleBook, in_force
from services.referral.store.tokens import Tokens

if TYPE_CHECKING:
    from services.referral.wiring import ReferralContext


class Referrals:
    """Referrals by reference. What a batch needs is loaded at once and then found without a query."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._loaded: dict[str, Referral] = {}
        self._ids: dict[str, str] = {}

    def add(self, referral: Referral) -> None:
        """It is written at the end."""
        self.session.add(referral)
        self._loaded[referral.reference] = referral
        self._ids[referral.reference] = referral.id

    def get(self, reference: str, *, lock: bool = False) -> Referral:
        """Raises ReferralNotFound."""
        if reference not in self._loaded:
            self.load([reference], lock=lock)
        try:
            return self._loaded[reference]
        except KeyError:
            raise ReferralNotFound(reference) from None

    def id_of(self, reference: str) -> str:
        """The id alone, for what is noted beside a referral without changing it. Raises ReferralNotFound."""
        if reference not in self._ids:
            self.load_ids([reference])
        try:
            return self._ids[reference]
        except KeyError:
            raise ReferralNotFound(reference) from None

    def load(self, references: Collection[str], *, lock: bool = True) -> None:
        """Takes many in one SELECT, in one order so that two takers never wait for each other."""
        table = tables.referrals.c
        query = sa.select(Referral).where(among(self.session, table.reference, references)).order_by(table.reference)
        for referral in self.session.scalars(query.with_for_update() if lock else query):
            self._loaded[referral.reference] = referral
            self._ids[referral.reference] = referral.id

    def load_ids(self, references: Collection[str]) -> None:
        table = tables.referrals.c
        wanted = among(self.session, table.reference, references)
        rows = self.session.execute(sa.select(table.reference, table.id).where(wanted))
        self._ids |= {row.reference: row.id for row in rows}


def _is_about_person(error: IntegrityError) -> bool:
    """PostgreSQL names the index, SQLite the column."""
    said = str(error.orig)
    return tables.OPEN_PERSON in said or "referrals.person" in said


class Unit(UnitOfWork):
    """The referral service's unit of work."""

    AT_THE_END = (Referral,)
    context: "ReferralContext"

    def __init__(self, context: Any, session: Session) -> None:
        super().__init__(context, session)
        self._noted: list[Entry] = []
        self._rules: dict[date, Rules] = {}

    @cached_property
    def referrals(self) -> Referrals:
        return Referrals(self.session)

    @cached_property
    def drafts(self) -> Drafts:
        return Drafts(self.session)

    @cached_property
    def answers(self) -> Answers:
        return Answers(self.session)

    @cached_property
    def imports(self) -> Imports:
        return Imports(self.session)

    @cached_property
    def rule_book(self) -> RuleBook:
        return RuleBook(self.session)

    @cached_property
    def tokens(self) -> Tokens:
        return Tokens(self.session)

    @cached_property
    def erasing(self) -> Erasing:
        return Erasing(self.context.store, self.session)

    @cached_property
    def costs(self) -> Costs:
        return Costs(self.session)

    @property
    def today(self) -> date:
        return local_day(self.now)

    @contextmanager
    def explaining(self) -> Iterator[None]:
        """The database keeps the rule of one open referral per person. Raises PersonHasOpenReferral."""
        try:
            yield
        except IntegrityError as error:
            if _is_about_person(error):
                raise PersonHasOpenReferral from None  # the original names the row's values
            raise

    def keep_keys(self, referral: Referral, *, anew: bool = False) -> None:
        """Stores by what the person is found again; `anew` where the name may have been another before."""
        keys = tables.name_keys
        if anew:
            self.session.execute(sa.delete(keys).where(keys.c.referral_id == referral.id))
        found = sorted(hashed_keys(self.context.hasher, referral.application, referral.cms_area))
        self.write_at_the_end(Write(INSERT, keys, [{"referral_id": referral.id, "key": key} for key in found]))

    def note(self, referral_id: str, at: datetime, type: str, data: Mapping[str, Any]) -> None:
        """Enters something in a referral's timeline; an event that comes twice is entered once."""
        id = self.cause.id if self.cause and self.cause.type == type else self.new_id()
        self._noted.append(Entry(id=id, referral_id=referral_id, at=at, type=type, data=data))

    def register(self, person: str) -> tuple[str, str]:
        """A new reference, and the pseudonym of the person.

        ISA-2026-000123: the year, and a number that is given once; that of a refused referral may be left out.
        """
        if self.context.store.is_sqlite:
            number, pseudonym = self.session.execute(_NEXT_NUMBER).scalar_one(), self.pseudonym_of(person)
        else:
            pseudonym, number = self.session.execute(_keep_pseudonym_and_count(), self._perhaps_new(person)).one()
        return f"ISA-{self.today.year}-{number:06d}", pseudonym

    def pseudonym_of(self, person: str) -> str:
        """The person's pseudonym, the same at every referral, made at the first."""
        keep = _keep_pseudonym(self.context.store.is_sqlite)
        return self.session.execute(keep, self._perhaps_new(person)).scalar_one()

    def _perhaps_new(self, person: str) -> dict[str, str]:
        return {"person": person, "pseudonym": self.context.new_pseudonym()}

    def rules_on(self, day: date) -> Rules:
        """The rules in force on a day. Raises NoRulesInForce."""
        if day not in self._rules:
            row = self.session.execute(in_force(day)).one_or_none()
            if row is None:
                raise NoRulesInForce(f"no rules are in force on {day}")
            self._rules[day] = tables.read_rules(row)
        return self._rules[day]

    def finish(self) -> None:
        self.write_at_the_end(Write(INSERT_NEW, tables.timeline, [vars(entry) for entry in self._noted]))
        super().finish()


# made once: to put a statement together takes about as long as to run it


_NEXT_NUMBER = sa.insert(tables.reference_numbers).returning(tables.reference_numbers.c.number)


@cache
def _keep_pseudonym(is_sqlite: bool) -> Any:
    table = tables.pseudonyms
    made: Any = (sqlite if is_sqlite else postgresql).insert(table)
    # an update that changes nothing, so that the row comes back in the same statement
    kept = made.on_conflict_do_update(index_elements=["person"], set_={"person": made.excluded.person})
    return kept.returning(table.c.pseudonym)


@cache
def _keep_pseudonym_and_count() -> Any:
    """Both in one statement, which SQLite does not know; nor does it save anything there."""
    counted = _NEXT_NUMBER.cte("counted")
    return _keep_pseudonym(False).add_cte(counted).returning(sa.select(counted.c.number).scalar_subquery())
