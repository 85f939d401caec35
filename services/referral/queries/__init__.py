"""What pages and the API show of referrals, and how it is said."""

from services.referral.queries.aftercare import cost_of, costs_of, waiting_for_answers, with_lost_messages
from services.referral.queries.drafts import draft_of
from services.referral.queries.erasures import PAGE as ERASURES_PAGE
from services.referral.queries.erasures import ToErase, announced, erased_with, erasure_of, soon_erased
from services.referral.queries.known import Episode, Known, episodes_of, known_of
from services.referral.queries.listing import Listing, list_for_programs
from services.referral.queries.lists import (
    DRAFTS,
    ERASED_SOON,
    GROUPS,
    Counts,
    Filter,
    Page,
    Row,
    count_by_group,
    list_drafts,
    list_referrals,
)
from services.referral.queries.stories import Story, Waiting, story_of
from services.referral.queries.tokens import list_tokens, token_runs

__all__ = [
    "DRAFTS",
    "ERASED_SOON",
    "ERASURES_PAGE",
    "GROUPS",
    "Counts",
    "Episode",
    "Filter",
    "Known",
    "Listing",
    "Page",
    "Row",
    "Story",
    "ToErase",
    "Waiting",
    "announced",
    "cost_of",
    "costs_of",
    "count_by_group",
    "draft_of",
    "episodes_of",
    "erased_with",
    "erasure_of",
    "known_of",
    "list_drafts",
    "list_for_programs",
    "list_referrals",
    "list_tokens",
    "soon_erased",
    "story_of",
    "token_runs",
    "waiting_for_answers",
    "with_lost_messages",
]
