"""What happens to a draft: it is begun, saved section by section, filled in from what is known, sent, thrown away."""

from collections.abc import Collection

from services.referral.domain import Answers, ChangedElsewhere, Draft, Referral, SubmitReferral
from services.referral.forms import ASKED_ANEW, SECTIONS, as_typed, avs_number_in
from services.referral.handlers.referring import correct_referral, of_areas, submit_referral
from services.referral.store import Unit


def begin_draft(unit: Unit, answers: Answers, cms_area: str, by: str) -> Draft:
    """An empty draft but for what is known of the one who refers."""
    draft = Draft.start(unit.new_id(), cms_area, by, unit.now, {**answers, "cms_area": cms_area})
    unit.drafts.add(draft)
    return draft


def save_section(
    unit: Unit, id: str, section: str, answers: Answers, seen: int, by: str, areas: Collection[str]
) -> Draft:
    """Keeps what was typed, right or wrong. Raises DraftNotFound, DraftAlreadySent, ChangedElsewhere."""
    draft = unit.drafts.get(id, areas)
    draft.save(section, answers, seen, by, unit.now)
    _know_person(unit, draft)
    if answers.get("cms_area") in areas and draft.corrects is None:
        draft.cms_area = str(answers["cms_area"])
    return draft


def begin_correction(unit: Unit, reference: str, by: str, areas: Collection[str]) -> Draft:
    """The draft in which a referral is corrected. Raises ReferralNotFound, IllegalTransition."""
    referral = of_areas(unit, reference, areas)
    referral.require("correct")
    begun = unit.drafts.correcting(reference)
    if begun is not None:
        return begun
    draft = Draft.start(unit.new_id(), referral.cms_area, by, unit.now, _answers_of(unit, referral), corrects=reference)
    unit.drafts.add(draft)
    _know_person(unit, draft)
    return draft


def refer_again(unit: Unit, reference: str, answers: Answers, by: str, areas: Collection[str]) -> Draft:
    """A new draft for the person of an earlier referral. Raises ReferralNotFound."""
    referral = of_areas(unit, reference, areas)
    draft = begin_draft(unit, answers, referral.cms_area, by)
    _fill_in(unit, draft, referral, by)
    return draft


def take_over(unit: Unit, id: str, reference: str, by: str, areas: Collection[str]) -> Draft:
    """Fills in what is still open out of an earlier referral. Raises DraftNotFound, ReferralNotFound."""
    draft = unit.drafts.get(id, areas)
    _fill_in(unit, draft, of_areas(unit, reference, areas), by)
    return draft


def send_draft(unit: Unit, id: str, command: SubmitReferral, seen: int, by: str, areas: Collection[str]) -> Referral:
    """Makes a referral of a draft, once. `seen` is the draft's version that was checked.

    Raises DraftNotFound, DraftAlreadySent, ChangedElsewhere, PersonHasOpenReferral, IllegalTransition.
    """
    draft = unit.drafts.get(id, areas)
    if draft.sent_as is None and draft.version != seen:
        raise ChangedElsewhere((), draft.version or 0)
    corrects = draft.corrects
    draft.send(corrects or "", unit.now)
    if corrects:
        return correct_referral(unit, corrects, command, by, areas)
    referral = submit_referral(unit, command, by)
    draft.sent_as = referral.reference
    return referral


def discard_draft(unit: Unit, id: str, areas: Collection[str]) -> None:
    """Raises DraftNotFound."""
    unit.drafts.discard(unit.drafts.get(id, areas))


def _fill_in(unit: Unit, draft: Draft, earlier: Referral, by: str) -> None:
    known = _answers_of(unit, earlier)
    for section, fields in SECTIONS.items():
        if section not in ASKED_ANEW:
            draft.take_over(section, {name: known[name] for name in fields if name in known}, by, unit.now)
    _know_person(unit, draft)


def _answers_of(unit: Unit, referral: Referral) -> Answers:
    return as_typed(referral.application, unit.context.cipher.open(referral.avs_sealed))


def _know_person(unit: Unit, draft: Draft) -> None:
    number = avs_number_in(draft.answers)
    draft.person = unit.context.hasher.of(number) if number else None
