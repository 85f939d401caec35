"""Who is referred, and with what answers: few people, so that the same one comes again and again."""

from functools import cache

from stdnum import ean

from services.referral.domain import SubmitReferral, communes
from tests.simulation.hand import Hand
from tests.unit.referral.answers import command

PEOPLE = 9

#: what makes a referral's answers incomplete, or the person ineligible
INCOMPLETE = ({"benefit_expected": "unknown"}, {"agrees": "unknown"}, {"employment_unrealistic": "unknown"})
INELIGIBLE = ({"other_measure": "yes"}, {"birth_date": "1950-01-01"}, {"social_assistance": "no"})


def avs_number(person: int) -> str:
    digits = f"756{person:09d}"
    return digits + ean.calc_check_digit(digits)


def answers(person: int, hand: Hand, *, complete: float = 0.75) -> SubmitReferral:
    """What is said about a person this time; mostly all that is needed."""
    wrong: dict[str, str] = {}
    if not hand.chance(complete):
        wrong = hand.choice(INCOMPLETE + INELIGIBLE)
    return _answers(
        person,
        hand.choice(("sion", "sion", "sion", "bas-valais", "sierre")),
        "de" if hand.chance(0.1) else "fr",
        "high" if hand.chance(0.3) else "normal",
        "yes" if hand.chance(0.75) else "no",
        tuple(wrong.items()),
    )


@cache
def _answers(
    person: int, region: str, language: str, urgency: str, consent: str, wrong: tuple[tuple[str, str], ...]
) -> SubmitReferral:
    commune = min(each.number for each in communes().values() if each.region == region)
    area = communes()[commune].cms_area
    told = {"avs_number": avs_number(person), "commune_bfs": str(commune), "language": language, "cms_area": area}
    return command(**told, urgency=urgency, evaluation_consent=consent, **dict(wrong))  # type: ignore[no-any-return]
