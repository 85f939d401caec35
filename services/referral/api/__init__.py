"""The REST interface of the referral service, for other systems."""

from services.referral.api import referrals

BLUEPRINTS = (referrals.blueprint,)

__all__ = ["BLUEPRINTS"]
