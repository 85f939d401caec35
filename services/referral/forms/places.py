"""What a postal code tells of a home: so that nobody types, or looks up in a list, what is known."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from services.referral.domain import Locality, localities
from services.referral.forms.inputs import PostalCode
from services.referral.store import sorting_key


def completed_home(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers with locality and commune filled in where nobody has typed them and there is no doubt."""
    proposed = _told_by(_there(answers))
    return {**answers, **{name: value for name, value in proposed.items() if not answers.get(name)}}


def _there(answers: Mapping[str, Any]) -> tuple[Locality, ...]:
    """The localities of the postal code; of several the one whose name was typed."""
    try:
        found = localities().get(PostalCode().deserialize(answers.get("postal_code") or ""), ())
    except ValidationError:
        return ()
    typed = sorting_key(str(answers.get("locality") or ""))
    return tuple(each for each in found if sorting_key(each.name) == typed) or found


def _told_by(there: tuple[Locality, ...]) -> dict[str, str]:
    names, numbers = {each.name for each in there}, {each.commune for each in there}
    told = {"locality": names, "commune_bfs": {str(number) for number in numbers}}
    return {name: found.pop() for name, found in told.items() if len(found) == 1}
