"""The REST interface of the referral service, for other systems."""

from services.referral.api import document, referrals

BLUEPRINTS = (referrals.blueprint, document.blueprint)

__all__ = ["BLUEPRINTS"]
