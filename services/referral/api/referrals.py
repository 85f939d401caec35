"""The REST interface: the same form as the page, for other systems."""

from typing import Any

from flask import Blueprint, abort, jsonify, request
from marshmallow import ValidationError

from chassis.i18n import mark as _
from chassis.web import audited, current_context, current_token, errors_for_people, problem, requires_token, t
from contracts.people import ALL_AREAS, REFERRALS_READ, REFERRALS_WRITE
from services.referral import handlers, queries
from services.referral.domain import IllegalTransition, PersonHasOpenReferral, SubmitReferral, local_day
from services.referral.forms import ReferralForm, WithdrawalForm
from services.referral.queries import wording

blueprint = Blueprint("api", __name__, url_prefix="/api/referrals")


@blueprint.post("")
@audited("referral", "create")
@requires_token(REFERRALS_WRITE)
def submit() -> Any:
    context = current_context()
    try:
        command = ReferralForm(local_day(context.clock.now())).load(_sent())
    except ValidationError as error:
        return problem(422, fields=errors_for_people(error, ReferralForm.order()))
    if not _may_send(command):
        return problem(403, t(_("The token does not allow to send for this CMS.")))
    try:
        with context.unit() as unit:
            referral = handlers.submit_referral(unit, command, _sender())
    except PersonHasOpenReferral:
        return problem(409, t(wording.PEOPLE_HAVE_ONE), fields={"avs_number": [t(wording.PEOPLE_HAVE_ONE)]})
    return jsonify(reference=referral.reference), 201, {"Location": f"/api/referrals/{referral.reference}"}


@blueprint.get("/<reference>")
@audited("referral")
@requires_token(REFERRALS_READ)
def show(reference: str) -> Any:
    with current_context().reading() as session:
        story = queries.story_of(session, reference, _areas())
    return jsonify(_described(story))


@blueprint.post("/<reference>/withdrawal")
@audited("referral", "withdraw")
@requires_token(REFERRALS_WRITE)
def withdraw(reference: str) -> Any:
    try:
        command = WithdrawalForm().load(_sent())
    except ValidationError as error:
        return problem(422, fields=errors_for_people(error))
    try:
        with current_context().unit() as unit:
            referral = handlers.withdraw_referral(unit, reference, command, _areas())
    except IllegalTransition:
        return problem(409, t(_("The referral is closed already.")))
    return jsonify(reference=referral.reference, status=referral.state)


def _sent() -> Any:
    try:
        return request.get_json()
    except RecursionError:  # nested deeper than any referral
        abort(400)


def _areas() -> list[str]:
    return list(current_token().get("areas") or ())


def _may_send(command: SubmitReferral) -> bool:
    return ALL_AREAS in _areas() or command.application.cms_area in _areas()


def _sender() -> str:
    return f"token:{current_token().get('sub', '')}"[:100]


def _described(story: queries.Story) -> dict[str, Any]:
    referral, placement = story.referral, story.referral.placement
    criteria = referral.assessment.criteria if referral.assessment else ()
    return {
        "reference": referral.reference,
        "status": referral.state,
        "criteria": [
            {"code": each.code, "result": each.result, "reason": wording.criterion_reason(each, t)} for each in criteria
        ],
        "placement": {
            "group": placement.group if placement else None,
            "position": story.position,
            "reason": wording.placement_reason(referral, story.position, t),
        },
        "timeline": [
            {"at": entry.at.isoformat(), "event": entry.type, "text": wording.words_of(entry, t)}
            for entry in story.timeline
        ],
    }
