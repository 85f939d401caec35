"""From a draft to a referral: the answers are checked once more, sent, and confirmed."""

from typing import Any

from flask import Blueprint, flash, render_template, request
from marshmallow import ValidationError

from chassis.i18n import mark as _
from chassis.web import audited, current_context, see, shows, submitted, t
from services.referral import handlers
from services.referral.domain import ChangedElsewhere, Draft, DraftAlreadySent, PersonHasOpenReferral, SubmitReferral
from services.referral.forms import SECTIONS, ReferralForm
from services.referral.queries import wording
from services.referral.web import shown, tasks
from services.referral.web.drafts import next_step
from services.referral.web.opening import Answer, for_cms, me, my_areas, opened_draft, opened_story, today

blueprint = Blueprint("sending", __name__, url_prefix="/referrals")


@blueprint.route("/drafts/<uuid:id>/check", methods=["GET", "POST"])
@audited("referral", "submit")
@for_cms
def check(id: Any) -> Answer:
    draft = opened_draft(str(id))
    if draft.sent_as:
        return see(f"/referrals/{draft.sent_as}")
    command = _command_of(draft)
    if command is None:
        return see(next_step(draft))
    if not submitted():
        return _check_page(draft, command)
    shows()  # what is noted of the sending is the referral, not the draft
    try:
        with current_context().unit() as unit:
            seen = request.form.get("version", 0, type=int)
            sent = handlers.send_draft(unit, draft.id, command, seen, me(), my_areas())
    except DraftAlreadySent as already:
        return see(f"/referrals/{already.reference}")
    except ChangedElsewhere:
        flash(t(_("The answers were changed in another window. Please check them again.")), "warning")
        return see(f"/referrals/drafts/{draft.id}/check")
    except PersonHasOpenReferral:
        return _check_page(draft, command, {"_schema": [t(wording.PEOPLE_HAVE_ONE)]}), 409
    return see(f"/referrals/{sent.reference}/sent")


@blueprint.get("/<reference>/sent")
@audited("referral")
@for_cms
def sent(reference: str) -> Answer:
    return render_template("referral/sent.html", referral=opened_story(reference).referral)


def _command_of(draft: Draft) -> SubmitReferral | None:
    """What the answers say; None while something is missing or wrong."""
    answers = {name: draft.answers[name] for fields in SECTIONS.values() for name in fields if draft.answers.get(name)}
    try:
        return ReferralForm(today()).load(answers)
    except ValidationError:
        return None


def _check_page(draft: Draft, command: SubmitReferral, errors: Any = None) -> str:
    return render_template(
        "referral/check.html",
        draft=draft,
        sections=shown.answers_by_section(command.application, command.avs_number),
        names=tasks.NAMES,
        errors=errors or {},
    )
