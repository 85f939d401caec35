"""The forms of the referral service, for pages and API alike."""

from services.referral.forms.aftercare import ConsentForm, CostsForm
from services.referral.forms.asking import ReferralsQuery
from services.referral.forms.places import completed_home
from services.referral.forms.schemas import ErasureForm, ReferralFields, ReferralForm, WithdrawalForm, as_typed
from services.referral.forms.sections import (
    ASKED_ANEW,
    LISTS,
    SECTIONS,
    Identity,
    avs_number_in,
    errors_in,
    identity_in,
    problems,
    section_of,
)

__all__ = [
    "ASKED_ANEW",
    "LISTS",
    "SECTIONS",
    "ConsentForm",
    "CostsForm",
    "ErasureForm",
    "Identity",
    "ReferralFields",
    "ReferralForm",
    "ReferralsQuery",
    "WithdrawalForm",
    "as_typed",
    "avs_number_in",
    "completed_home",
    "errors_in",
    "identity_in",
    "problems",
    "section_of",
]
