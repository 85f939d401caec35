"""How every page of the CMS gets at what it shows: within the reader's own areas, by the one door that is noted."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from chassis.web import current_context, requires, shows, signed_in_person
from contracts.people import CMS
from services.referral import queries
from services.referral.domain import Draft, local_day

Answer = Any  #: what a view returns
Values = dict[str, Any]  #: fields as typed, by name
Errors = Mapping[str, list[str]]  #: sentences by field

for_cms = requires(CMS)


def me() -> str:
    return signed_in_person().id


def my_areas() -> tuple[str, ...]:
    return signed_in_person().areas


def today() -> date:
    return local_day(current_context().clock.now())


def opened_draft(id: str, *, unnoted: bool = False) -> Draft:
    """Raises DraftNotFound. `unnoted` where a page that was noted saves by itself, every few keys."""
    with current_context().reading() as session:
        draft = queries.draft_of(session, id, my_areas())
    if not unnoted:
        shows(draft.id)
    return draft


def opened_story(reference: str) -> queries.Story:
    """Raises ReferralNotFound."""
    with current_context().reading() as session:
        return queries.story_of(session, reference, my_areas())
