"""What the service's codes are called by people. Every function takes `say`, which translates for the reader."""

from services.referral.queries.wording.criteria import criterion_name, criterion_reason, redress
from services.referral.queries.wording.desk import (
    DRAFTS,
    EVERYTHING,
    GROUPS,
    LOST_MESSAGE,
    NEEDS_ANSWERS,
    consents,
    quarter_name,
)
from services.referral.queries.wording.fields import REASONS_OF, field_labels
from services.referral.queries.wording.names import (
    ANSWERS,
    AREAS,
    AVAILABILITY,
    ERASURES,
    INTERESTS,
    LANGUAGES,
    MAYBE_ELSEWHERE,
    OPEN_ELSEWHERE,
    PEOPLE_HAVE_ONE,
    SEXES,
    URGENCIES,
    WITHDRAWALS,
    Say,
    partner_name,
)
from services.referral.queries.wording.standing import STATES, placement_reason, standing
from services.referral.queries.wording.timeline import channel_name, told_about, told_how, words_of

__all__ = [
    "ANSWERS",
    "AREAS",
    "AVAILABILITY",
    "DRAFTS",
    "ERASURES",
    "EVERYTHING",
    "GROUPS",
    "INTERESTS",
    "LANGUAGES",
    "LOST_MESSAGE",
    "MAYBE_ELSEWHERE",
    "NEEDS_ANSWERS",
    "OPEN_ELSEWHERE",
    "PEOPLE_HAVE_ONE",
    "REASONS_OF",
    "SEXES",
    "STATES",
    "URGENCIES",
    "WITHDRAWALS",
    "Say",
    "channel_name",
    "consents",
    "criterion_name",
    "criterion_reason",
    "field_labels",
    "partner_name",
    "placement_reason",
    "quarter_name",
    "redress",
    "standing",
    "told_about",
    "told_how",
    "words_of",
]
