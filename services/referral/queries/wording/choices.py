"""What the codes of the form's fields are called, field by field."""

from collections.abc import Mapping

from services.referral.domain import Commune, communes
from services.referral.queries.wording.names import (
    ANSWERS,
    AVAILABILITY,
    INTERESTS,
    LANGUAGES,
    SEXES,
    URGENCIES,
    Say,
)
from services.referral.store import sorting_key

_QUESTIONS = ("social_assistance", "employment_unrealistic", "benefit_expected", "other_measure", "agrees")
_TEXTS: dict[str, Mapping[str, str]] = {
    "sex": SEXES,
    "language": LANGUAGES,
    "availability": AVAILABILITY,
    "interests": INTERESTS,
    "urgency": URGENCIES,
    "evaluation_consent": {code: ANSWERS[code] for code in ("yes", "no")},
    **dict.fromkeys(_QUESTIONS, ANSWERS),
}


def field_choices(say: Say) -> dict[str, list[tuple[str, str]]]:
    """(code, text) of each choice, by field; all but the CMS, which depends on who asks."""
    told = {name: [(code, say(text)) for code, text in texts.items()] for name, texts in _TEXTS.items()}
    return told | {"commune_bfs": _communes()}


def _communes() -> list[tuple[str, str]]:
    by_name = sorted(communes().values(), key=_sorted_as)
    return [(str(commune.number), commune.name) for commune in by_name]


def _sorted_as(commune: Commune) -> str:
    """É beside E, as in a telephone book."""
    return sorting_key(commune.name)
