"""The pages of the CMS: the list of its referrals, the form, and one page a referral."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, abort, make_response, render_template, request
from marshmallow import ValidationError

from chassis.web import (
    audited,
    current_context,
    errors_for_people,
    filled,
    requires,
    see,
    shows,
    signed_in_person,
    submitted,
    t,
    typed,
)
from contracts.people import CMS
from services.referral import handlers, queries
from services.referral.domain import (
    IllegalTransition,
    PersonHasOpenReferral,
    Referral,
    State,
    SubmitReferral,
    local_day,
)
from services.referral.forms import ReferralForm, WithdrawalForm, as_typed
from services.referral.queries import wording
from services.referral.web import shown

blueprint = Blueprint("referrals", __name__, url_prefix="/referrals")

Answer = Any  #: what a view returns
#: how often a page looks for news that is on its way, and how many seconds apart: about a second in all
_LOOKS, _BETWEEN_LOOKS = 20, 0.05
_Values = dict[str, Any]
_Errors = Mapping[str, list[str]]


@blueprint.route("/", methods=["GET", "POST"])
@audited("referral", lists=True)
@requires(CMS)
def referrals() -> Answer:
    """The list. A search comes by POST, so that no name ends in an address, a history or a log."""
    search = request.form.get("search", "").strip()[:100]
    state = _state_asked()
    with current_context().reading() as session:
        wanted = queries.Filter(states=(state,) if state else (), search=search, after=request.args.get("after"))
        found = queries.list_referrals(session, current_context().hasher, signed_in_person().areas, wanted)
    shows(*(row.reference for row in found.rows))
    return render_template("referral/list.html", found=found, state=state, states=shown.states(), search=search)


@blueprint.route("/new", methods=["GET", "POST"])
@audited("referral", "create")
@requires(CMS)
def new() -> Answer:
    if not submitted():
        return _form(typed(lists=["interests"]) if request.form else _blank())

    def send(command: SubmitReferral) -> Referral:
        if command.application.cms_area not in signed_in_person().areas:
            abort(403)
        with current_context().unit() as unit:
            return handlers.submit_referral(unit, command, signed_in_person().id)

    return _send(send)


@blueprint.route("/<reference>/correct", methods=["GET", "POST"])
@audited("referral", "correct")
@requires(CMS)
def correct(reference: str) -> Answer:
    referral, avs_number = _to_correct(reference)
    if not submitted():
        values = typed(lists=["interests"]) if request.form else as_typed(referral.application, avs_number)
        return _form(values, referral=referral)

    def send(command: SubmitReferral) -> Referral:
        with current_context().unit() as unit:
            return handlers.correct_referral(unit, reference, command, signed_in_person().id, signed_in_person().areas)

    return _send(send, referral=referral)


@blueprint.get("/<reference>")
@audited("referral")
@requires(CMS)
def show(reference: str) -> Answer:
    story = _story(reference)
    refreshing = story.is_unsettled(current_context().clock.now()) and "still" not in request.args
    page = make_response(render_template("referral/show.html", story=story, shown=shown, refreshing=refreshing))
    if refreshing:
        page.headers["Refresh"] = "1"
    return page


@blueprint.route("/<reference>/withdraw", methods=["GET", "POST"])
@audited("referral", "withdraw")
@requires(CMS)
def withdraw(reference: str) -> Answer:
    with current_context().reading() as session:
        referral = queries.story_of(session, reference, signed_in_person().areas).referral
    if not referral.may("withdraw"):
        raise IllegalTransition("withdraw", referral.state)
    values = typed()
    if not submitted():
        return _withdrawal(referral, values)
    try:
        command = WithdrawalForm().load(filled(values))
    except ValidationError as error:
        return _withdrawal(referral, values, errors_for_people(error)), 422
    with current_context().unit() as unit:
        handlers.withdraw_referral(unit, reference, command, signed_in_person().areas)
    return see(f"/referrals/{reference}")


def _story(reference: str) -> queries.Story:
    """The referral; just after it was sent, once the first answers are in: sooner than the page could come again."""
    for _look in range(_LOOKS):
        with current_context().reading() as session:
            story = queries.story_of(session, reference, signed_in_person().areas)
        if not story.is_arriving(current_context().clock.now()):
            break
        current_context().pause(_BETWEEN_LOOKS)
    return story


def _send(send: Callable[[SubmitReferral], Referral], referral: Referral | None = None) -> Answer:
    """Reads the form and sends it; what is wrong is shown beside what was typed."""
    values = typed(lists=["interests"])
    if referral is not None:
        values["cms_area"] = referral.cms_area
    try:
        command = ReferralForm(local_day(current_context().clock.now())).load(filled(values))
        sent = send(command)
    except ValidationError as error:
        return _form(values, errors_for_people(error, wording.field_labels(t)), referral), 422
    except PersonHasOpenReferral:
        return _form(values, {"avs_number": [t(wording.PEOPLE_HAVE_ONE)]}, referral), 409
    return see(f"/referrals/{sent.reference}")


def _form(values: _Values, errors: _Errors | None = None, referral: Referral | None = None) -> str:
    return render_template(
        "referral/form.html",
        values=values,
        errors=errors or {},
        labels=wording.field_labels(t),
        referral=referral,
        choices=shown.form_choices() | {"cms_area": shown.areas(signed_in_person().areas)},
    )


def _withdrawal(referral: Referral, values: _Values, errors: _Errors | None = None) -> str:
    reasons = shown.choices(wording.WITHDRAWALS)
    return render_template(
        "referral/withdraw.html", referral=referral, values=values, errors=errors or {}, reasons=reasons
    )


def _blank() -> _Values:
    """The form as it is first shown: what is known of the one who refers is filled in."""
    areas = signed_in_person().areas
    return {
        "referrer_name": signed_in_person().name,
        "urgency": "normal",
        "cms_area": areas[0] if len(areas) == 1 else "",
    }


def _to_correct(reference: str) -> tuple[Referral, str]:
    with current_context().reading() as session:
        referral = queries.story_of(session, reference, signed_in_person().areas).referral
    if not referral.may("correct"):
        raise IllegalTransition("correct", referral.state)
    return referral, current_context().cipher.open(referral.avs_sealed)


def _state_asked() -> State | None:
    asked = request.values.get("state", "")
    return State(asked) if asked in set(State) else None
