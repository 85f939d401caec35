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
from services.referral.domain.erasure import (
    ERASURE_REASONS,
    NOTICE,
    AnnouncedErasure,
    ErasePerson,
    counted_in,
    erased_as,
    erasure_day,
)
from services.referral.domain.errors import (
    ChangedElsewhere,
    DraftAlreadySent,
    DraftNotFound,
    IllegalTransition,
    KeyUsedOtherwise,
    NoRulesInForce,
    PersonHasOpenReferral,
    ReferralError,
    ReferralNotFound,
    TokenNotFound,
    UnknownWithdrawalReason,
)
from services.referral.domain.referral import WITHDRAWAL_REASONS, Referral, queue_key
from services.referral.domain.sending import KEPT_FOR, Given, Sending
from services.referral.domain.states import CLOSED, MOVING, TRANSITIONS, State, Transition
from services.referral.domain.timeline import Entry
from services.referral.domain.tokens import ApiToken, IssueToken
from services.referral.domain.values import LOCAL, Person, Placement, local_day

__all__ = [
    "AVAILABILITIES",
    "CLOSED",
    "CRITERIA",
    "ERASURE_REASONS",
    "INTERESTS",
    "KEPT_FOR",
    "LOCAL",
    "MOVING",
    "NOTICE",
    "TRANSITIONS",
    "WITHDRAWAL_REASONS",
    "AnnouncedErasure",
    "Answer",
    "Answers",
    "ApiToken",
    "Application",
    "Assessment",
    "ChangedElsewhere",
    "Commune",
    "Criterion",
    "Draft",
    "DraftAlreadySent",
    "DraftNotFound",
    "Entry",
    "ErasePerson",
    "Given",
    "IllegalTransition",
    "IssueToken",
    "KeyUsedOtherwise",
    "NoRulesInForce",
    "Person",
    "PersonHasOpenReferral",
    "Placement",
    "Referral",
    "ReferralError",
    "ReferralNotFound",
    "Result",
    "Rules",
    "Sending",
    "State",
    "SubmitReferral",
    "TokenNotFound",
    "Transition",
    "UnknownWithdrawalReason",
    "WithdrawReferral",
    "age_on",
    "assess",
    "communes",
    "counted_in",
    "erased_as",
    "erasure_day",
    "local_day",
    "queue_key",
    "region_of",
]
