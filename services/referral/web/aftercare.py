"""What the CMS tells of a referral that runs: other details, a quarter's costs, a consent that is withdrawn."""

from typing import Any

from flask import Blueprint, flash, render_template, request
from marshmallow import ValidationError

from chassis.i18n import format_chf
from chassis.i18n import mark as _
from chassis.web import audited, current_context, errors_for_people, filled, see, submitted, t, typed
from services.referral import handlers, queries
from services.referral.domain import (
    CORRECTABLE,
    ChangedElsewhere,
    CostsAlreadyReported,
    CostsNotAsked,
    IllegalTransition,
    Referral,
    reportable_quarters,
)
from services.referral.forms import LISTS, ConsentForm, CostsForm, ReferralFields, as_typed
from services.referral.queries import wording
from services.referral.web import shown
from services.referral.web.opening import Answer, Errors, Values, for_cms, me, my_areas, opened_story, today

blueprint = Blueprint("aftercare", __name__, url_prefix="/referrals")


@blueprint.route("/<reference>/contact", methods=["GET", "POST"])
@audited("referral", "correct")
@for_cms
def contact(reference: str) -> Answer:
    """What decides nothing may change while somebody waits or takes part: a number, an address, a need."""
    referral = opened_story(reference).referral
    if not referral.may_correct_contact:
        raise IllegalTransition("correct the contact of", referral.state)
    values = typed(lists=LISTS)
    if not submitted():
        return _contact_page(referral, values if request.form else as_typed(referral.application, ""))
    seen = request.form.get("version", 0, type=int)
    try:
        with current_context().unit() as unit:
            told = ReferralFields(today(), only=CORRECTABLE).load(
                filled({name: values.get(name) for name in CORRECTABLE})
            )
            handlers.correct_contact(unit, reference, told, seen, my_areas())
    except ValidationError as error:
        return _contact_page(referral, values, errors_for_people(error, wording.field_labels(t))), 422
    except ChangedElsewhere:
        return _contact_page(referral, values, {"_schema": [t(_CHANGED)]}), 409
    flash(t(_("The details were corrected. OSEO Valais sees them from now on.")), "success")
    return see(f"/referrals/{reference}")


_CHANGED = _("The referral has changed meanwhile. Check what stands here, then save it again.")


@blueprint.route("/<reference>/costs", methods=["GET", "POST"])
@audited("referral", "report_costs")
@for_cms
def costs(reference: str) -> Answer:
    referral = opened_story(reference).referral
    if not referral.may_report_costs:
        raise CostsNotAsked
    values = typed()
    if not submitted():
        return _costs_page(referral, values or _to_correct(referral))
    try:
        with current_context().unit() as unit:
            command = CostsForm(today()).load(filled(values))
            handlers.report_costs(unit, reference, command, me(), my_areas())
    except ValidationError as error:
        return _costs_page(referral, values, errors_for_people(error, ("period", "amount"))), 422
    except CostsAlreadyReported as earlier:
        return _costs_page(referral, values, _already_reported(earlier)), 409
    flash(t(_("The costs were reported to the evaluation.")), "success")
    return see(f"/referrals/{reference}/costs")


@blueprint.route("/<reference>/consent", methods=["GET", "POST"])
@audited("referral", "withdraw_consent")
@for_cms
def consent(reference: str) -> Answer:
    referral = opened_story(reference).referral
    if not submitted():
        return _consent_page(referral, typed())
    try:
        purpose = ConsentForm().load(filled(typed()))["purpose"]
    except ValidationError as error:
        return _consent_page(referral, typed(), errors_for_people(error)), 422
    with current_context().unit() as unit:
        handlers.withdraw_consent(unit, reference, purpose, my_areas())
    flash(t(_("The withdrawn consent was recorded.")), "success")
    return see(f"/referrals/{reference}")


def _to_correct(referral: Referral) -> Values:
    """What was reported for the quarter in the address, to be replaced."""
    period = request.args.get("period", "")
    with current_context().reading() as session:
        chf = queries.cost_of(session, referral.id, period)
    return {} if chf is None else {"period": period, "amount": format_chf(chf), "replaces": period}


def _already_reported(earlier: CostsAlreadyReported) -> Errors:
    said = _("CHF %(amount)s are reported for this quarter already. To replace them, choose Correct beside it.")
    return {"amount": [t(said, amount=format_chf(earlier.chf))]}


def _costs_page(referral: Referral, values: Values, errors: Errors | None = None) -> str:
    with current_context().reading() as session:
        reported = queries.costs_of(session, referral.id)
    return render_template(
        "referral/costs.html",
        referral=referral,
        reported=reported,
        quarters=[(period, wording.quarter_name(period, t)) for period in reportable_quarters(today())],
        values=values,
        errors=errors or {},
    )


def _contact_page(referral: Referral, values: Values, errors: Errors | None = None) -> Any:
    return render_template(
        "referral/contact.html",
        referral=referral,
        values={name: values.get(name, "") for name in CORRECTABLE},
        errors=errors or {},
        labels=wording.field_labels(t),
        choices=shown.form_choices(),
    )


def _consent_page(referral: Referral, values: Values, errors: Errors | None = None) -> Any:
    return render_template(
        "referral/consent.html",
        referral=referral,
        purposes=wording.consents(referral, t),
        values=values,
        errors=errors or {},
    )
