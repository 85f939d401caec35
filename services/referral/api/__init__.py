"""The REST interface of the referral service, for other systems."""

from services.referral.api import document, fhir, referrals

BLUEPRINTS = (referrals.blueprint, fhir.blueprint, document.blueprint)

__all__ = ["BLUEPRINTS"]
