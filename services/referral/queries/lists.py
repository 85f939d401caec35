"""The CMS's list: filtered, searched, page by page by a key, so that the last page costs as little as the first."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chassis.clock import read_instant
from chassis.crypto import KeyedHash
from chassis.rows import firsts
from contracts.people import ALL_AREAS
from contracts.vocabulary import CMS_AREAS
from services.referral.domain import Draft, State
from services.referral.forms import avs_number_in
from services.referral.store.keys import hashed_words, words
from services.referral.store.tables import drafts, erasures, name_keys, referrals, within

PAGE = 50  #: referrals on one page of the list
DRAFTS = 20  #: drafts on one page

#: what a list may be narrowed down to, by the name in its address
GROUPS: Final[dict[str, tuple[State, ...]]] = {
    "information_needed": (State.INFORMATION_NEEDED,),
    "submitted": (State.SUBMITTED, State.ACCEPTED),
    "waiting": (State.WAITLISTED, State.OFFERED),
    "placed": (State.PLACED, State.ACTIVE, State.PAUSED),
    "ineligible": (State.INELIGIBLE,),
    "ended": (State.ENDED, State.WITHDRAWN, State.ENTERED_IN_ERROR),
}


#: what has been announced to be erased is a group, too, whatever its state
ERASED_SOON: Final = "erased_soon"


@dataclass(frozen=True)
class Row:
    """A line of the list."""

    reference: str
    name: str
    state: State
    submitted_at: datetime

    @property
    def key(self) -> str:
        """Where in the list it stands, for an address."""
        return f"{self.submitted_at.isoformat()}~{self.reference}"


@dataclass(frozen=True)
class Page:
    """Some lines of the list, newest first; `older` and `newer` are keys of the neighbouring pages, None at an end."""

    rows: Sequence[Row]
    older: str | None = None
    newer: str | None = None


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What is looked for: states, who sent it, what will be erased, words of a search, and where the page begins."""

    states: tuple[State, ...] = ()
    by: str | None = None
    erased_soon: bool = False
    search: str = ""
    after: str | None = None  #: key of the line before the page's first: older ones follow
    before: str | None = None  #: key of the line behind the page's last: newer ones stand before it


@dataclass(frozen=True)
class Counts:
    """How many lines each group of the list has."""

    drafts: int
    erased_soon: int = 0
    groups: Mapping[str, int] = field(default_factory=dict)


def list_referrals(session: Session, hasher: KeyedHash, areas: Collection[str], wanted: Filter = Filter()) -> Page:
    """One page of the referrals of `areas` that the filter lets through."""
    kept = [*within(areas), *_kept(wanted), *_found_by(hasher, areas, wanted.search)]
    before, after = _read_key(wanted.before), _read_key(wanted.after)
    if before is not None:
        return _page_before(session, _first(wanted.states, [*kept, before < _PLACE], _OLDEST))
    older_ones = [] if after is None else [after > _PLACE]
    found = session.execute(_first(wanted.states, kept + older_ones, _NEWEST)).all()
    rows = [row_of(each) for each in found[:PAGE]]
    older = rows[-1].key if len(found) > PAGE else None
    return Page(rows, older, rows[0].key if rows and after is not None else None)


def _page_before(session: Session, query: sa.Select[Any]) -> Page:
    """Read backwards from its end, and shown newest first like any other."""
    found = session.execute(query).all()
    rows = [row_of(each) for each in reversed(found[:PAGE])]
    return Page(rows, rows[-1].key if rows else None, rows[0].key if len(found) > PAGE else None)


def _first(states: Sequence[State], kept: list[Any], order: Sequence[Any]) -> sa.Select[Any]:
    """The first lines in this order, and one more.

    Of several states each gives its own first ones: an index has them in this order.
    """
    query = sa.select(*shown_columns()).order_by(*order).limit(PAGE + 1)
    parts = [[*kept, referrals.c.state == state] for state in states] or [kept]
    if len(parts) == 1:
        return query.where(*parts[0])
    return query.where(referrals.c.reference.in_(firsts(referrals.c.reference, parts, order, PAGE + 1)))


def count_by_group(session: Session, areas: Collection[str]) -> Counts:
    counted = sa.select(referrals.c.state, sa.func.count()).where(*within(areas)).group_by(referrals.c.state)
    by_state = {row[0]: row[1] for row in session.execute(counted)}
    groups = {name: sum(by_state.get(state, 0) for state in states) for name, states in GROUPS.items()}
    begun = session.scalar(sa.select(sa.func.count()).select_from(drafts).where(*drafts_within(areas)))
    announced = sa.select(sa.func.count()).select_from(referrals).where(*within(areas), _erased_soon())
    return Counts(begun or 0, session.scalar(announced) or 0, groups)


def list_drafts(session: Session, areas: Collection[str], page: int = 1, by: str | None = None) -> Sequence[Draft]:
    """A page of the drafts, the last saved first, and the first line of the next page."""
    mine = () if by is None else (drafts.c.created_by == by,)
    query = sa.select(Draft).where(*drafts_within(areas), *mine).order_by(drafts.c.saved_at.desc(), drafts.c.id)
    return session.scalars(query.offset((page - 1) * DRAFTS).limit(DRAFTS + 1)).all()


def drafts_within(areas: Collection[str]) -> list[Any]:
    own = [] if ALL_AREAS in areas else [drafts.c.cms_area.in_(sorted(areas))]
    return [drafts.c.sent_as.is_(None), *own]


def shown_columns() -> list[Any]:
    """What a line of the list is made of."""
    return [referrals.c[name] for name in ("reference", "application", "state", "submitted_at")]


_PLACE = sa.tuple_(referrals.c.submitted_at, referrals.c.reference)
_OLDEST = (referrals.c.submitted_at, referrals.c.reference)
_NEWEST = tuple(column.desc() for column in _OLDEST)
#: a whole reference, or its number alone
_REFERENCE = re.compile(r"(?:ISA-?)?(?:(?P<year>20\d\d)-)?(?P<number>\d{1,6})", re.IGNORECASE | re.ASCII)


def _kept(wanted: Filter) -> list[Any]:
    kept: list[Any] = [_erased_soon()] if wanted.erased_soon else []
    return kept + ([referrals.c.submitted_by == wanted.by] if wanted.by else [])


def _erased_soon() -> sa.ColumnElement[bool]:
    return referrals.c.reference.in_(sa.select(erasures.c.reference))


def _read_key(key: str | None) -> Any:
    """None for what is no key: the list begins at its beginning then."""
    moment, _sign, reference = (key or "").partition("~")
    try:
        at = read_instant(moment.replace(" ", "+"))
    except ValueError:
        return None
    return sa.tuple_(sa.literal(at, referrals.c.submitted_at.type), sa.literal(reference[:20]))


def _found_by(hasher: KeyedHash, areas: Collection[str], search: str) -> list[Any]:
    """A reference or its last digits, an AVS number, or whole words of a name: all of them."""
    if not search.strip():
        return []
    if number := avs_number_in({"avs_number": search}):
        return [referrals.c.person == hasher.of(number)]
    if reference := _REFERENCE.fullmatch(search.strip()):
        year = reference["year"] or "____"
        return [referrals.c.reference.like(f"ISA-{year}-{int(reference['number']):06d}")]
    return [referrals.c.id.in_(_holding(hasher, areas, word)) for word in words(search)] or [sa.false()]


def _holding(hasher: KeyedHash, areas: Collection[str], word: str) -> Any:
    keys = {key for area in (CMS_AREAS if ALL_AREAS in areas else areas) for key in hashed_words(hasher, [word], area)}
    return sa.select(name_keys.c.referral_id).where(name_keys.c.key.in_(sorted(keys)))


def row_of(found: Any) -> Row:
    answers = found.application
    return Row(found.reference, f"{answers.family_name} {answers.given_name}", found.state, found.submitted_at)
