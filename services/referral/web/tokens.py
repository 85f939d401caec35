"""The tokens of other systems: who has one, a new one shown once, and the end of one."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, render_template, url_for
from marshmallow import ValidationError

from chassis.crypto import issue_token
from chassis.i18n import mark as _
from chassis.web import (
    audited,
    current_context,
    error_page,
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
from contracts.people import ADMINISTRATOR, ALL_AREAS, REFERRALS_READ, REFERRALS_WRITE
from contracts.vocabulary import CMS_AREAS
from services.referral import handlers, queries
from services.referral.domain import ApiToken, TokenNotFound
from services.referral.forms.tokens import TokenForm
from services.referral.queries import wording

blueprint = Blueprint("tokens", __name__, url_prefix="/referrals/tokens")

SCOPES = {
    REFERRALS_WRITE: _("Refer people, correct and withdraw their referrals"),
    REFERRALS_READ: _("Read and list referrals"),
}


@blueprint.errorhandler(TokenNotFound)
def _not_found(_error: TokenNotFound) -> Any:
    return error_page(404)


@blueprint.get("/")
@requires(ADMINISTRATOR)
def register() -> str:
    with current_context().reading() as session:
        tokens = queries.list_tokens(session)
    return render_template(
        "referral/tokens.html", tokens=tokens, areas=_areas_of, scopes=_scopes_of, standing=_standing
    )


@blueprint.route("/new", methods=["GET", "POST"])
@audited("token", "issue")
@requires(ADMINISTRATOR)
def issue() -> Any:
    values = typed(lists=["scopes"])
    if not submitted():
        return _form(values)
    try:
        command = TokenForm().load(filled(values))
    except ValidationError as error:
        return _form(values, errors_for_people(error, _labels())), 422
    context = current_context()
    with context.unit() as unit:
        token = handlers.issue_token(unit, command, signed_in_person().id)
        shows(token.id)
    signed = issue_token(context.settings.keys.token, dict(token.claims()), token.issued_at, command.lasting)
    # it goes into this answer and nowhere else, so there is no redirect
    return render_template("referral/token_issued.html", token=token, signed=signed)


@blueprint.post("/<uuid:id>/end")
@audited("token", "end")
@requires(ADMINISTRATOR)
def end(id: Any) -> Any:
    shows(str(id))
    with current_context().unit() as unit:
        handlers.end_token(unit, str(id), signed_in_person().id)
    flash(t(_("The token was ended. It opens nothing any more.")), "success")
    return see(url_for(".register"))


def _form(values: Mapping[str, Any], errors: Mapping[str, Any] | None = None) -> str:
    return render_template(
        "referral/token_new.html",
        values=values,
        errors=errors or {},
        labels=_labels(),
        areas=[*((area, wording.partner_name(f"cms-{area}", t)) for area in CMS_AREAS), (ALL_AREAS, t(_("All CMS")))],
        scopes=[(scope, t(text)) for scope, text in SCOPES.items()],
    )


def _labels() -> dict[str, str]:
    return {
        "organisation": t(_("Organisation")),
        "area": t(_("For which CMS")),
        "scopes": t(_("What it may do")),
        "days": t(_("For how many days")),
    }


def _areas_of(token: ApiToken) -> str:
    names = {ALL_AREAS: t(_("All CMS"))}
    return ", ".join(names.get(area) or wording.partner_name(f"cms-{area}", t) for area in token.areas)


def _scopes_of(token: ApiToken) -> list[str]:
    return [t(text) for scope, text in SCOPES.items() if scope in token.scopes]


def _standing(token: ApiToken) -> tuple[str, str]:
    """Whether it opens anything, and the colour of its tag."""
    if token.ended_at:
        return t(_("Token ended")), "grey"
    if token.expires_at <= current_context().clock.now():
        return t(_("Expired")), "grey"
    return t(_("In use")), "green"
