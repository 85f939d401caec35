"""What a CMS asks for: to refer a person, to correct what it said, to take a referral back."""

from collections.abc import Collection

from contracts.people import ALL_AREAS
from services.referral.domain import (
    Person,
    Referral,
    ReferralNotFound,
    SubmitReferral,
    WithdrawReferral,
)
from services.referral.handlers.noting import tell
from services.referral.store import Unit


def submit_referral(unit: Unit, command: SubmitReferral, by: str) -> Referral:
    """Refers a person; `by` is the id of who sends it. The unit raises PersonHasOpenReferral, perhaps at its end."""
    hash = unit.context.hasher.of(command.avs_number)
    reference, pseudonym = unit.register(hash)
    person = _person(unit, command.avs_number, hash, pseudonym)
    referral = Referral.draft(unit.new_id(), reference, person, command.application, by, unit.now)
    submitted = referral.submit(unit.now)
    unit.referrals.add(referral)
    unit.keep_keys(referral)
    tell(unit, referral, submitted, corrected=False)
    return referral


def correct_referral(unit: Unit, reference: str, command: SubmitReferral, by: str, areas: Collection[str]) -> Referral:
    """Sends corrected answers in again. Raises ReferralNotFound, IllegalTransition, PersonHasOpenReferral."""
    referral = of_areas(unit, reference, areas)
    hash = unit.context.hasher.of(command.avs_number)
    person = _person(unit, command.avs_number, hash, unit.pseudonym_of(hash))
    submitted = referral.correct(person, command.application, by, unit.now)
    unit.keep_keys(referral, anew=True)
    tell(unit, referral, submitted, corrected=True)
    return referral


def withdraw_referral(unit: Unit, reference: str, command: WithdrawReferral, areas: Collection[str]) -> Referral:
    """Takes a referral back. Raises ReferralNotFound, IllegalTransition."""
    referral = of_areas(unit, reference, areas)
    withdrawn = referral.withdraw(command.reason)
    tell(unit, referral, withdrawn, reason=command.reason, note=command.note)
    return referral


def _person(unit: Unit, avs_number: str, hash: str, pseudonym: str) -> Person:
    return Person(hash=hash, avs_sealed=unit.context.cipher.seal(avs_number), pseudonym=pseudonym)


def of_areas(unit: Unit, reference: str, areas: Collection[str]) -> Referral:
    """Another CMS's referral is as good as none."""
    referral = unit.referrals.get(reference, lock=True)
    if ALL_AREAS not in areas and referral.cms_area not in areas:
        raise ReferralNotFound(reference)
    return referral
