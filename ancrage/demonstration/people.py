"""Plausible people who do not exist, for as many referrals as wanted."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from ancrage.demonstration.rows import Body


@dataclass(frozen=True)
class Commune:
    """Where somebody may live; `locality` where the postal code's place has another name."""

    bfs: str
    name: str
    postal_code: str
    area: str
    language: str = "fr"
    locality: str = ""


_SION, _MARTIGNY, _MONTHEY = "sion-herens-conthey", "martigny-entremont", "monthey-saint-maurice"

COMMUNES = (
    Commune("6266", "Sion", "1950", _SION),
    Commune("6265", "Savièse", "1965", _SION),
    Commune("6082", "Ayent", "1966", _SION),
    Commune("6023", "Conthey", "1964", _SION),
    Commune("6025", "Vétroz", "1963", _SION),
    Commune("6024", "Nendaz", "1996", _SION, locality="Basse-Nendaz"),
    Commune("6136", "Martigny", "1920", _MARTIGNY),
    Commune("6133", "Fully", "1926", _MARTIGNY),
    Commune("6153", "Monthey", "1870", _MONTHEY),
    Commune("6217", "Saint-Maurice", "1890", _MONTHEY, locality="St-Maurice"),
    Commune("6248", "Sierre", "3960", "sierre"),
    Commune("6297", "Visp", "3930", "haut-valais", "de"),
)
#: how often each: most live where a programme is open
_WEIGHTS = (8, 4, 3, 4, 3, 3, 5, 3, 5, 2, 2, 1)

FAMILY_NAMES = (
    "Rey", "Bonvin", "Favre", "Fournier", "Délèze", "Métrailler", "Praz", "Zufferey", "Moret", "Carron",
    "Imhof", "Zenhäusern", "Krasniqi", "Ferreira", "Haile", "Yıldız", "Nguyen", "d’Alessio", "Rey-Mermet",
)  # fmt: skip
GIVEN_NAMES = {
    "f": ("Anne", "Céline", "Drita", "Élodie", "Inês", "Françoise", "Helena", "Marie-Noëlle", "Selam", "Zoé"),
    "m": ("Alain", "Besnik", "Cédric", "Daniel", "Frédéric", "Joël", "Mehmet", "Paulo", "René", "Tesfay"),
}
INTERESTS = ("theatre", "cooking", "gardening", "crafts", "music", "painting", "photography", "dance")
_REASONS = {
    "fr": ("Santé fragile, sans emploi depuis plusieurs années.", "Sortir de l’isolement, retrouver un rythme."),
    "de": ("Gesundheitlich angeschlagen, seit Jahren ohne Stelle.", "Aus der Isolation herausfinden."),
}


def made_up(count: int, seed: int) -> Iterator[Body]:
    """`count` referrals of people who do not exist, as the API takes them; the same ones for the same `seed`.

    About one in six is not eligible and one in twenty lacks information; no two have the same AVS number.
    """
    chance = random.Random(seed)  # noqa: S311 - nothing secret hangs on it
    first = chance.randrange(_NUMBERS)
    return (_referral(chance, (first + number * _STRIDE) % _NUMBERS) for number in range(count))


#: how many AVS numbers there are, and the step from one person's to the next: it meets each of them once
_NUMBERS, _STRIDE = 10**9, 618_033_989


def _referral(chance: random.Random, number: int) -> Body:
    commune = chance.choices(COMMUNES, _WEIGHTS)[0]
    return {
        "avs_number": avs_number(f"{number:09d}"),
        **_person(chance),
        **_home(chance, commune),
        **_situation(chance, commune.language),
        **_wishes(chance),
        **_referrer(chance, commune.area),
    }


def _person(chance: random.Random) -> Body:
    sex = chance.choice("fm")
    return {
        "family_name": chance.choice(FAMILY_NAMES),
        "given_name": chance.choice(GIVEN_NAMES[sex]),
        "sex": sex,
        "birth_date": f"{chance.randint(1966, 2005)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}",
    }


def avs_number(middle: str) -> str:
    """The AVS number (EAN-13) with these nine digits in its middle."""
    from stdnum import ean

    digits = f"756{middle}"
    whole = digits + ean.calc_check_digit(digits)
    return f"{whole[:3]}.{whole[3:7]}.{whole[7:11]}.{whole[11:]}"


def _home(chance: random.Random, commune: Commune) -> Body:
    street = "Dorfstrasse" if commune.language == "de" else chance.choice(("Rue du Rhône", "Chemin des Vergers"))
    return {
        "language": commune.language,
        "commune_bfs": commune.bfs,
        "street": f"{street} {chance.randint(1, 99)}",
        "postal_code": commune.postal_code,
        "locality": commune.locality or commune.name,
        "phone": f"+41 79 555 {chance.randint(10, 99)} {chance.randint(10, 99)}",
    }


def _situation(chance: random.Random, language: str) -> Body:
    employment, benefit = _REASONS[language]
    return {
        "social_assistance": chance.choices(("yes", "no", "unknown"), (88, 7, 5))[0],
        "employment_unrealistic": "yes",
        "employment_reason": employment,
        "benefit_expected": "yes",
        "benefit_reason": benefit,
        "other_measure": chance.choices(("no", "yes"), (97, 3))[0],
        "agrees": "yes",
        "evaluation_consent": chance.choices(("yes", "no"), (85, 15))[0],
    }


def _wishes(chance: random.Random) -> Body:
    interests = chance.sample(INTERESTS, chance.randint(0, 3))
    urgent = chance.random() < 0.06
    return {
        "availability": chance.choice(("mornings", "afternoons", "both")),
        **({"interests": interests} if interests else {}),
        "urgency": "high" if urgent else "normal",
        **({"urgency_reason": "Isolement récent et marqué."} if urgent else {}),
    }


def _referrer(chance: random.Random, area: str) -> Body:
    number = chance.randint(1, 8)
    return {
        "referrer_name": f"Assistante sociale {number}",
        "referrer_email": f"as{number}@cms-{area}.example",
        "cms_area": area,
    }
