"""What a referral is and may become. Knows no database, no broker, no page and no clock."""

from services.referral.domain.application import (
    AVAILABILITIES,
    INTERESTS,
    Answer,
    Application,
    SubmitReferral,
    WithdrawReferral,
)
from services.referral.domain.communes import Commune, communes, region_of
from services.referral.domain.drafts import Answers, Draft
from services.referral.domain.eligibility import CRITERIA, Assessment, Criterion, Result, Rules, age_on, assess
from services.referral.domain.errors import (
    ChangedElsewhere,
    DraftAlreadySent,
    DraftNotFound,
    IllegalTransition,
    NoRulesInForce,
    PersonHasOpenReferral,
    ReferralError,
    ReferralNotFound,
    UnknownWithdrawalReason,
)
from services.referral.domain.referral import WITHDRAWAL_REASONS, Referral, queue_key
from services.referral.domain.states import CLOSED, MOVING, TRANSITIONS, State, Transition
from services.referral.domain.timeline import Entry
from services.referral.domain.values import Person, Placement, local_day

__all__ = [
    "AVAILABILITIES",
    "CLOSED",
    "CRITERIA",
    "INTERESTS",
    "MOVING",
    "TRANSITIONS",
    "WITHDRAWAL_REASONS",
    "Answer",
    "Answers",
    "Application",
    "Assessment",
    "ChangedElsewhere",
    "Commune",
    "Criterion",
    "Draft",
    "DraftAlreadySent",
    "DraftNotFound",
    "Entry",
    "IllegalTransition",
    "NoRulesInForce",
    "Person",
    "PersonHasOpenReferral",
    "Placement",
    "Referral",
    "ReferralError",
    "ReferralNotFound",
    "Result",
    "Rules",
    "State",
    "SubmitReferral",
    "Transition",
    "UnknownWithdrawalReason",
    "WithdrawReferral",
    "age_on",
    "assess",
    "communes",
    "local_day",
    "queue_key",
    "region_of",
]
