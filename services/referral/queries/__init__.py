"""What pages and the API show of referrals, and how it is said."""

from services.referral.queries.stories import Page, Row, Story, list_referrals, story_of

__all__ = ["Page", "Row", "Story", "list_referrals", "story_of"]
