"""Forgetting a person: at somebody's wish, or because nothing has happened for long."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from services.referral.domain.referral import Referral
from services.referral.domain.states import State
from services.referral.domain.values import local_day

#: why somebody has a person erased
ERASURE_REASONS: Final = ("person_asked", "entered_in_error", "other")
#: how long before it is done an erasure is announced
NOTICE: Final = timedelta(days=30)
#: how long a draft stays that nobody goes on with
DRAFTS_KEPT: Final = timedelta(days=180)


@dataclass(frozen=True, kw_only=True)
class ErasePerson:
    """The command that forgets a person, with a reason of ERASURE_REASONS: a code, since words might name somebody."""

    reason: str


@dataclass(eq=False)
class AnnouncedErasure:
    """A closed referral that goes on `on` unless something happens with it meanwhile."""

    reference: str
    cms_area: str
    on: date
    announced_at: datetime


def erased_as(referral: Referral) -> State:
    """The outcome that stays in the figures: of an open referral, that it was taken back."""
    return State.WITHDRAWN if referral.is_open else referral.state


def counted_in(referral: Referral) -> str:
    """The month that it stays counted in, such as 2026-11."""
    return f"{local_day(referral.submitted_at):%Y-%m}"


def erasure_day(last_news: datetime, kept: timedelta, now: datetime) -> date:
    """When a closed referral goes: after the time of keeping, and never sooner than the notice allows."""
    return local_day(max(last_news + kept, now + NOTICE))
