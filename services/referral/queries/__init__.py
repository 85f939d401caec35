"""What pages and the API show of referrals, and how it is said."""

from services.referral.queries.drafts import draft_of
from services.referral.queries.known import Episode, Known, episodes_of, known_of
from services.referral.queries.lists import (
    GROUPS,
    Counts,
    Filter,
    Page,
    Row,
    count_by_group,
    list_drafts,
    list_referrals,
)
from services.referral.queries.stories import Story, story_of

__all__ = [
    "GROUPS",
    "Counts",
    "Episode",
    "Filter",
    "Known",
    "Page",
    "Row",
    "Story",
    "count_by_group",
    "draft_of",
    "episodes_of",
    "known_of",
    "list_drafts",
    "list_referrals",
    "story_of",
]
