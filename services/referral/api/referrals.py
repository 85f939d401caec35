"""Referrals for other systems: the same form as the page, sent, read, listed and withdrawn."""

from datetime import date
from typing import Any

from flask import Blueprint, jsonify, request

from chassis.i18n import mark as _
from chassis.web import audited, current_context, problem, requires_token, shows, t
from chassis.web.openapi import Answer, described
from contracts.people import REFERRALS_READ, REFERRALS_WRITE
from services.referral import handlers, queries
from services.referral.api import calls, schemas
from services.referral.domain import Given
from services.referral.forms import ReferralForm, ReferralsQuery, WithdrawalForm
from services.referral.queries import wording
from services.referral.store import Unit

blueprint = Blueprint("api", __name__, url_prefix="/api/referrals")
calls.prepare(blueprint)

_FORM = ReferralForm(date.max)  # to be described: no day matters
_HAS_ONE = _("The person has an open referral already")


@blueprint.post("")
@audited("referral", "create")
@requires_token(REFERRALS_WRITE)
@described(
    summary=_("Refer a person"),
    description=_("The same questions as the form of the CMS. Whether the person is eligible is known a moment later."),
    body=_FORM,
    headers=[calls.KEY_HEADER],
    answers={
        201: Answer(text=_("The referral was taken"), body=schemas.SentReferral, headers={"Location": _("its address")})
    },
    problems={409: _HAS_ONE},
)
def submit() -> Any:
    command = ReferralForm(calls.today()).load(calls.sent())
    if not calls.may_send_for(command.application.cms_area):
        return problem(403, t(_("The token does not allow to send for this CMS.")))

    def do(unit: Unit) -> Given:
        reference = handlers.submit_referral(unit, command, calls.sender()).reference
        return Given(status=201, body={"reference": reference}, location=f"{blueprint.url_prefix}/{reference}")

    return calls.answer_once(do)


@blueprint.get("")
@audited("referral", lists=True)
@requires_token(REFERRALS_READ)
@described(
    summary=_("List referrals"),
    description=_("The newest first, page by page: send next of one page as cursor of the next call."),
    query=ReferralsQuery,
    answers={200: Answer(text=_("A page of referrals"), body=schemas.ReferralList)},
)
def list_all() -> Any:
    wanted = ReferralsQuery().load(request.args.to_dict())
    with current_context().reading() as session:
        page = queries.list_for_programs(session, calls.areas(), wanted)
    shows(*(each.reference for each in page.referrals))
    return jsonify(schemas.ReferralList().dump(page))


@blueprint.get("/<reference>")
@audited("referral")
@requires_token(REFERRALS_READ)
@described(
    summary=_("Read a referral"),
    description=_("Where it stands, how each criterion came out, and what has happened, in the language asked for."),
    answers={200: Answer(text=_("The referral"), body=schemas.ReferralView)},
)
def show(reference: str) -> Any:
    with current_context().reading() as session:
        story = queries.story_of(session, reference, calls.areas())
    return jsonify(schemas.ReferralView().dump(_told(story)))


@blueprint.put("/<reference>")
@audited("referral", "correct")
@requires_token(REFERRALS_WRITE)
@described(
    summary=_("Correct a referral and submit it again"),
    description=_("Possible while information is missing or a criterion is not met. All answers are sent again."),
    body=_FORM,
    headers=[calls.KEY_HEADER],
    answers={200: Answer(text=_("The referral was submitted again"), body=schemas.ReferralStatus)},
    problems={409: _("It cannot be corrected in its state, or the person has another open referral")},
)
def correct(reference: str) -> Any:
    command = ReferralForm(calls.today()).load(calls.sent())

    def do(unit: Unit) -> Given:
        referral = handlers.correct_referral(unit, reference, command, calls.sender(), calls.areas())
        return Given(status=200, body=schemas.ReferralStatus().dump(_status(referral)))

    return calls.answer_once(do)


@blueprint.post("/<reference>/withdrawal")
@audited("referral", "withdraw")
@requires_token(REFERRALS_WRITE)
@described(
    summary=_("Withdraw a referral"),
    description=_("What came after it is undone: the place is freed, the partners are told, the evaluation stops."),
    body=WithdrawalForm(),
    headers=[calls.KEY_HEADER],
    answers={200: Answer(text=_("The referral was withdrawn"), body=schemas.ReferralStatus)},
    problems={409: _("The referral is closed already")},
)
def withdraw(reference: str) -> Any:
    command = WithdrawalForm().load(calls.sent())

    def do(unit: Unit) -> Given:
        referral = handlers.withdraw_referral(unit, reference, command, calls.areas())
        return Given(status=200, body=schemas.ReferralStatus().dump(_status(referral)))

    return calls.answer_once(do)


def _status(referral: Any) -> dict[str, Any]:
    return {"reference": referral.reference, "status": referral.state}


def _told(story: queries.Story) -> dict[str, Any]:
    """A referral in words, for its schema to write."""
    referral, placement = story.referral, story.referral.placement
    assessment = referral.assessment
    return {
        **_status(referral),
        "cms_area": referral.cms_area,
        "region": referral.region,
        "submitted_at": referral.submitted_at,
        "rules_version": assessment.rules_version if assessment else None,
        "criteria": [
            {"code": each.code, "result": each.result, "reason": wording.criterion_reason(each, t)}
            for each in (assessment.criteria if assessment else ())
        ],
        "placement": {
            "group": placement.group if placement else None,
            "position": story.position,
            "reason": wording.placement_reason(referral, story.waiting, t),
        },
        "timeline": [
            {"at": entry.at, "event": entry.type, "text": wording.words_of(entry, t)} for entry in story.timeline
        ],
    }
