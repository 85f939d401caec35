"""The forms of the referral service, for pages and API alike."""

from services.referral.forms.schemas import ReferralForm, WithdrawalForm, as_typed

__all__ = ["ReferralForm", "WithdrawalForm", "as_typed"]
