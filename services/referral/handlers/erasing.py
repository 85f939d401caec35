"""Forgetting people: at a CMS's or an administrator's wish, and when their time is over."""

from collections.abc import Collection
from datetime import timedelta
from typing import TYPE_CHECKING

from contracts.referral import ReferralErased, ReferralErasureAnnounced
from services.referral.domain import (
    DRAFTS_KEPT,
    NOTICE,
    AnnouncedErasure,
    ErasePerson,
    Referral,
    erasure_day,
    local_day,
)
from services.referral.handlers.referring import of_areas
from services.referral.store import Unit, due, forget_drafts, last_news_of, quiet_since

if TYPE_CHECKING:
    from services.referral.wiring import ReferralContext

AT_ONCE = 100  #: referrals in one transaction of the schedule


def erase_person(unit: Unit, reference: str, _command: ErasePerson, areas: Collection[str]) -> list[str]:
    """Erases all referrals, within these areas, of the person of one of them; their references.

    Answers to the evaluation go as well. Raises ReferralNotFound.
    """
    named = of_areas(unit, reference, areas)
    person, avs_number = named.person, unit.context.cipher.open(named.avs_sealed)
    found = unit.erasing.of_person(person, areas)
    for referral in found:
        _erase(unit, referral, answers_stay=False)
    unit.erasing.forget_key(person)
    unit.erasing.forget_rows(avs_number)
    return [referral.reference for referral in found]


def announce_erasures(context: "ReferralContext") -> int:
    """Tells of the closed referrals whose time will be over in 30 days; returns of how many."""
    told = 0
    while found := _announce(context):
        told += found
    return told


def forget_old_drafts(context: "ReferralContext") -> None:
    with context.unit() as unit:
        forget_drafts(unit.session, unit.now - DRAFTS_KEPT)


def would_go(context: "ReferralContext") -> dict[str, list[str]]:
    """What `announce_erasures` and `erase_due` would do now; changes nothing."""
    kept, now = timedelta(days=context.settings.retention_days), context.clock.now()
    with context.reading() as session:
        quiet = quiet_since(session, now - kept + NOTICE, limit=None)
        return {"announced": [each.reference for each in quiet], "erased": due(session, local_day(now), limit=None)}


def _announce(context: "ReferralContext") -> int:
    kept = timedelta(days=context.settings.retention_days)
    with context.unit() as unit:
        quiet = quiet_since(unit.session, unit.now - kept + NOTICE, AT_ONCE)
        announced = [
            AnnouncedErasure(each.reference, each.cms_area, erasure_day(each.last_news, kept, unit.now), unit.now)
            for each in quiet
        ]
        unit.erasing.announce(announced)
        unit.emit(*(ReferralErasureAnnounced(reference=a.reference, cms_area=a.cms_area, on=a.on) for a in announced))
    return len(announced)


def erase_due(context: "ReferralContext") -> int:
    """Erases what was announced and has had no news since; returns how many."""
    done = 0
    while True:
        with context.unit() as unit:
            references = due(unit.session, unit.today, AT_ONCE)
            done += sum(_erase_if_quiet(unit, reference) for reference in references)
        if not references:
            return done


def _erase_if_quiet(unit: Unit, reference: str) -> bool:
    referral = unit.referrals.get(reference, lock=True)
    kept = timedelta(days=unit.context.settings.retention_days)
    if referral.is_open or last_news_of(unit.session, referral) + kept > unit.now + timedelta(days=1):
        unit.erasing.call_off(reference)
        return False
    person = referral.person
    _erase(unit, referral, answers_stay=True)
    unit.erasing.forget_key(person)
    return True


def _erase(unit: Unit, referral: Referral, *, answers_stay: bool) -> None:
    unit.erasing.forget(referral)
    unit.erase(referral.reference)
    unit.emit(ReferralErased(reference=referral.reference, answers_stay=answers_stay))
