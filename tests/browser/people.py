"""Somebody to refer: made up, eligible unless told otherwise."""

import itertools
import random
import re
from collections.abc import Sequence
from typing import Any

from ancrage.demonstration import people
from chassis.i18n import format_phone

_chance = random.Random(20261123)  # noqa: S311  # nobody real hangs on it
_numbers_of_people = itertools.count(1)
#: a number in these is a name that no account, page or other person bears, nor any word as a part of it
_SYLLABLES = ("bor", "dré", "fil", "gué", "lom", "mur", "nöt", "pla", "roy", "vul")
_GIVEN_NAMES = {"f": "Ysaline", "m": "Tancrède"}
_YES = ("social_assistance", "employment_unrealistic", "benefit_expected", "agrees", "evaluation_consent")
PLACES = {
    "sion": {"commune_bfs": "6266", "postal_code": "1950", "locality": "Sion"},
    "bas-valais": {"commune_bfs": "6136", "postal_code": "1920", "locality": "Martigny"},
}
AREAS = {"sion": "sion-herens-conthey", "bas-valais": "martigny-entremont"}


def somebody(region: str = "sion", **more: Any) -> dict[str, Any]:
    """A referral as the API takes it; no two of people who could be taken for each other, every field filled in."""
    (body,) = people.made_up(1, _chance.randrange(2**32))
    number = next(_numbers_of_people)
    body |= {"family_name": _family_name(number), "given_name": _GIVEN_NAMES[body["sex"]], "phone": _phone(number)}
    fixed = {"language": "fr", "other_measure": "no", "birth_date": "1980-01-31", "urgency": "normal"}
    told = {"email": "quelqu.un@mail.example", "interests": ["theatre", "music"], "constraints": "Lundi matin pris."}
    body.pop("urgency_reason", None)
    place = PLACES[region] | {"cms_area": AREAS[region]}
    return body | dict.fromkeys(_YES, "yes") | fixed | told | place | more


def _family_name(number: int) -> str:
    """Of 1: Borbordréaz."""
    return "".join(_SYLLABLES[int(digit)] for digit in f"{number:03d}").capitalize() + "az"


def _phone(number: int) -> str:
    return f"+41 79 555 {number // 100 % 100:02d} {number % 100:02d}"


def as_typed(body: dict[str, Any]) -> dict[str, Any]:
    """What a social worker types into the form for it: who refers and for which CMS stands there already."""
    year, month, day = body["birth_date"].split("-")
    left_out = ("cms_area", "referrer_name", "referrer_email")
    typed = {name: value for name, value in body.items() if name not in left_out}
    return typed | {"birth_date": f"{day}.{month}.{year}"}


def secrets_of(*bodies: dict[str, Any]) -> list[str]:
    """What of a referral may stand in no address, log or e-mail: each as people and as programs write it."""
    found: set[str] = set()
    for body in bodies:
        year, month, day = body["birth_date"].split("-") if body["birth_date"].count("-") == 2 else ("", "", "")
        found |= {body["family_name"], body["given_name"], body["street"], body["birth_date"]}
        found |= {f"{day}.{month}.{year}", f"{day}.{month}.{year}".replace(".0", ".")} if year else set()
        found |= _numbers(body["avs_number"]) | _numbers(body.get("phone", "")) | {body.get("email", "")}
        found |= {body.get(name, "") for name in ("employment_reason", "benefit_reason", "urgency_reason")}
    return sorted(each for each in found if len(each) > 2)


def spoken_of(secrets: Sequence[str], text: str) -> list[str]:
    """The secrets that stand in a text, as whole words."""
    return [each for each in secrets if each in text and re.search(rf"(?<!\w){re.escape(each)}(?!\w)", text)]


def _numbers(text: str) -> set[str]:
    digits = "".join(filter(str.isdigit, text))
    return {text, digits, format_phone(text)} if digits else set()
