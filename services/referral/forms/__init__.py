"""The forms of the referral service, for pages and API alike."""

from services.referral.forms.inputs import Message
from services.referral.forms.schemas import ReferralForm, WithdrawalForm

__all__ = ["Message", "ReferralForm", "WithdrawalForm"]
