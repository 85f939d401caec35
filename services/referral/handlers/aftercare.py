"""What a CMS tells of a referral while it runs and after: other details, costs, and a consent that is withdrawn."""

from collections.abc import Collection

from services.referral.domain import (
    DECLINED,
    Answers,
    ChangedElsewhere,
    CostsAlreadyReported,
    Referral,
    ReportCosts,
    WithdrawReferral,
)
from services.referral.handlers.noting import tell
from services.referral.handlers.referring import of_areas, withdraw_referral
from services.referral.store import Unit


def correct_contact(unit: Unit, reference: str, told: Answers, seen: int, areas: Collection[str]) -> Referral:
    """Takes other details of the person; `seen` is the referral's version on the page. The same again changes nothing.

    Raises ReferralNotFound, IllegalTransition, ChangedElsewhere.
    """
    referral = of_areas(unit, reference, areas)
    differing = tuple(name for name, value in told.items() if value != getattr(referral.application, name))
    if differing and referral.version != seen:
        raise ChangedElsewhere(differing, referral.version or 0)
    if differing:
        tell(unit, referral, referral.correct_contact(told, unit.context.sealer.seal))
        unit.keep_keys(referral, anew=True)
    return referral


def report_costs(unit: Unit, reference: str, command: ReportCosts, by: str, areas: Collection[str]) -> Referral:
    """Tells a quarter's costs; the same figure again changes nothing.

    Raises ReferralNotFound, CostsNotAsked, CostsAlreadyReported.
    """
    referral = of_areas(unit, reference, areas)
    reported = referral.report_costs(command.period, command.chf)
    before = unit.costs.of(referral.id, command.period)
    if before == command.chf:
        return referral
    if before is not None and not command.replaces:
        raise CostsAlreadyReported(command.period, before)
    unit.costs.keep(referral.id, command.period, command.chf, by, unit.now)
    tell(unit, referral, reported, period=command.period, corrected=before is not None)
    return referral


def withdraw_consent(unit: Unit, reference: str, purpose: str, areas: Collection[str]) -> Referral:
    """Stops what the consent allowed: to take part, the referral itself; to the evaluation, the asking.

    Raises ReferralNotFound, IllegalTransition, ConsentNotGiven.
    """
    if purpose == "participation":
        return withdraw_referral(unit, reference, WithdrawReferral(reason=DECLINED), areas)
    referral = of_areas(unit, reference, areas)
    tell(unit, referral, referral.withdraw_evaluation_consent(), purpose=purpose)
    return referral
