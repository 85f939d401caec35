"""What every call has in common: who sends it, what it says, and the same answer to the same."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from flask import Blueprint, Response, abort, jsonify, request
from marshmallow import ValidationError

from chassis.i18n import mark as _
from chassis.web import current_context, current_token, errors_for_people, problem, t
from contracts.people import ALL_AREAS
from services.referral import handlers
from services.referral.domain import (
    Given,
    IllegalTransition,
    KeyUsedOtherwise,
    PersonHasOpenReferral,
    Sending,
    local_day,
)
from services.referral.forms import ReferralForm
from services.referral.queries import wording
from services.referral.store import Unit

KEY: Final = "Idempotency-Key"
#: the header by which a call may be repeated, as the document tells it
KEY_HEADER: Final = {
    "name": KEY,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "description": _("A text made up for this call: the same call with the same key is done once."),
}

REFERENCE: Final = r"ISA-\d{4}-\d{6,9}"

#: problems that have a name of their own: where the page for developers explains them
OPEN_REFERRAL, CLOSED_ALREADY, KEY_USED = "open-referral", "closed-already", "key-used-otherwise"


def sent() -> Any:
    """The JSON of the body."""
    try:
        return request.get_json()
    except RecursionError:  # nested deeper than any referral
        abort(400)


def today() -> date:
    return local_day(current_context().clock.now())


def areas() -> list[str]:
    return list(current_token().get("areas") or ())


def may_send_for(cms_area: str) -> bool:
    return ALL_AREAS in areas() or cms_area in areas()


def sender() -> str:
    """Who sends, as it is noted beside a referral."""
    return f"token:{current_token().get('sub', '')}"[:100]


def answer_once(do: Callable[[Unit], Given]) -> Response:
    """Does it and answers; the same answer, without doing it again, to the same call under the same key."""
    sending = _sending()
    with current_context().unit() as unit:
        given = handlers.once(unit, sending, do)
    answer = jsonify(given.body)
    answer.status_code = given.status
    if given.location:
        answer.headers["Location"] = given.location
    return answer


def _sending() -> Sending | None:
    key = request.headers.get(KEY)
    if key is None:
        return None
    if not (1 <= len(key) <= 255 and key.isascii() and key.isprintable() and " " not in key):
        said = t(_("Send a key of 1 to 255 letters, digits and signs without spaces."))
        abort(problem(422, parameters={KEY: [said]}))
    said = json.dumps([request.method, request.path, sent()], sort_keys=True)
    return Sending(sender=_whose(current_token()), key=key, said=current_context().hasher.of(said))


def _whose(token: Mapping[str, Any]) -> str:
    """Whose key it is: of the token, or of all that no register knows and that may do the same."""
    unregistered = "|".join([str(token.get("sub", "")), *sorted(token.get("areas") or ())])
    return str(token.get("jti") or unregistered)[:100]


def prepare(blueprint: Blueprint) -> None:
    """What the domain refuses becomes a problem document; what cannot be a reference is not looked for."""
    blueprint.before_request(_look_at_reference)
    blueprint.register_error_handler(ValidationError, _invalid)
    blueprint.register_error_handler(PersonHasOpenReferral, _has_one)
    blueprint.register_error_handler(IllegalTransition, _closed)
    blueprint.register_error_handler(KeyUsedOtherwise, _key_used)


def _look_at_reference() -> None:
    reference = (request.view_args or {}).get("reference")
    if reference is not None and not re.fullmatch(REFERENCE, reference, re.ASCII):
        abort(404)


def _invalid(error: ValidationError) -> Response:
    told = errors_for_people(error, ReferralForm.order())
    return problem(422, **{"parameters" if request.method == "GET" else "fields": told})  # type: ignore[arg-type]


def _has_one(_error: PersonHasOpenReferral) -> Response:
    said = t(wording.PEOPLE_HAVE_ONE)
    return problem(409, said, fields={"avs_number": [said]}, type=about(OPEN_REFERRAL))


def _closed(_error: IllegalTransition) -> Response:
    return problem(409, t(_("The state of the referral does not allow this.")), type=about(CLOSED_ALREADY))


def _key_used(_error: KeyUsedOtherwise) -> Response:
    said = t(_("Something else was sent under this key before. Send a new key with each new call."))
    return problem(422, said, parameters={KEY: [said]}, type=about(KEY_USED))


def about(name: str) -> str:
    """The address that says more about a problem."""
    return f"{current_context().settings.public_url}/developers/#{name}"
