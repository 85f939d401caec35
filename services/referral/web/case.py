"""One referral: where it stands, why, what everybody did, and what the CMS can do now."""

from flask import Blueprint, make_response, render_template, request
from marshmallow import ValidationError

from chassis.web import audited, current_context, errors_for_people, filled, see, submitted, typed
from services.referral import handlers, queries
from services.referral.domain import ENTERED_IN_ERROR, Referral, WithdrawReferral
from services.referral.forms import SECTIONS, WithdrawalForm
from services.referral.queries import wording
from services.referral.web import shown
from services.referral.web.drafts import next_step, own_details
from services.referral.web.opening import Answer, Errors, Values, for_cms, me, my_areas, opened_story

blueprint = Blueprint("case", __name__, url_prefix="/referrals")

#: how often a page looks for news that is on its way, and how many seconds apart: about a second in all
_LOOKS, _BETWEEN_LOOKS = 20, 0.05


@blueprint.get("/<reference>")
@audited("referral")
@for_cms
def show(reference: str) -> Answer:
    story = _arrived(reference)
    referral = story.referral
    refreshing = story.is_unsettled(current_context().clock.now()) and "still" not in request.args
    with current_context().reading() as session:
        episodes = [
            episode
            for episode in queries.episodes_of(session, referral.person, my_areas())
            if episode.reference != reference
        ]
        costs = queries.costs_of(session, referral.id) if referral.accepted_at else ()
        erased_on = None if referral.is_open else queries.erasure_of(session, reference)
    page = render_template(
        "referral/show.html",
        story=story,
        shown=shown,
        sections=shown.answers_by_section(referral.application, _avs_number(referral)),
        episodes=episodes,
        costs=costs,
        erased_on=erased_on,
        refreshing=refreshing,
    )
    answer = make_response(page)
    if refreshing:
        answer.headers["Refresh"] = "1"
    return answer


@blueprint.post("/<reference>/correct")
@audited("referral")
@for_cms
def correct(reference: str) -> Answer:
    """Begins or takes up the correction, at the section that is asked for."""
    with current_context().unit() as unit:
        draft = handlers.begin_correction(unit, reference, me(), my_areas())
    section = request.form.get("section", "")
    if section in SECTIONS:
        return see(f"/referrals/drafts/{draft.id}/{section}?back=check")
    return see(f"/referrals/drafts/{draft.id}")


@blueprint.post("/<reference>/again")
@audited("referral")
@for_cms
def again(reference: str) -> Answer:
    """Refers the person of a closed referral once more, with what was known then."""
    with current_context().unit() as unit:
        draft = handlers.refer_again(unit, reference, own_details(), me(), my_areas())
    return see(next_step(draft))


@blueprint.route("/<reference>/withdraw", methods=["GET", "POST"])
@audited("referral", "withdraw")
@for_cms
def withdraw(reference: str) -> Answer:
    referral = opened_story(reference).referral
    referral.require("withdraw")
    values = typed()
    if not submitted():
        return _withdrawal(referral, values)
    try:
        command = WithdrawalForm().load(filled(values))
    except ValidationError as error:
        return _withdrawal(referral, values, errors_for_people(error)), 422
    return _withdrawn(reference, command)


@blueprint.route("/<reference>/entered-in-error", methods=["GET", "POST"])
@audited("referral", "withdraw")
@for_cms
def entered_in_error(reference: str) -> Answer:
    referral = opened_story(reference).referral
    referral.require("mark_entered_in_error")
    values = typed()
    if not submitted():
        return _error_page(referral, values)
    try:
        command = WithdrawalForm().load(filled(values) | {"reason": ENTERED_IN_ERROR})
    except ValidationError as error:
        return _error_page(referral, values, errors_for_people(error)), 422
    return _withdrawn(reference, command)


def _withdrawn(reference: str, command: WithdrawReferral) -> Answer:
    with current_context().unit() as unit:
        handlers.withdraw_referral(unit, reference, command, my_areas())
    return see(f"/referrals/{reference}")


def _arrived(reference: str) -> queries.Story:
    """The referral; just after it was sent, once the first answers are in: sooner than the page could come again."""
    for _look in range(_LOOKS):
        story = opened_story(reference)
        if not story.is_arriving(current_context().clock.now()):
            break
        current_context().pause(_BETWEEN_LOOKS)
    return story


def _avs_number(referral: Referral) -> str:
    number: str = current_context().cipher.open(referral.avs_sealed)
    return number


def _withdrawal(referral: Referral, values: Values, errors: Errors | None = None) -> str:
    reasons = shown.choices({code: text for code, text in wording.WITHDRAWALS.items() if code != ENTERED_IN_ERROR})
    return render_template(
        "referral/withdraw.html", referral=referral, values=values, errors=errors or {}, reasons=reasons
    )


def _error_page(referral: Referral, values: Values, errors: Errors | None = None) -> str:
    return render_template("referral/entered-in-error.html", referral=referral, values=values, errors=errors or {})
