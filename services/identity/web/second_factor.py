"""The second factor: set up, turned off, and asked for as the second step of signing in."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from marshmallow import ValidationError

from chassis.web import current_context, current_person, errors_for_people, filled, inside, see, submitted, t, typed
from chassis.web.session import ask_to_sign_in
from services.identity import handlers
from services.identity.domain import CodeRefused, SecondFactorOn, SignInRefused, TooManyAttempts
from services.identity.forms import CodeForm, TurnOffForm
from services.identity.store import Unit, codes
from services.identity.web.entrance import SECOND_STEP, SETTING_UP, begin_session, pending, told

blueprint = Blueprint("second_factor", __name__, url_prefix="/account")


@blueprint.route("/second-step", methods=["GET", "POST"])
def second_step_page() -> Any:
    """For somebody whose password was right: not signed in yet, may only show that they hold their device."""
    who = pending(SECOND_STEP)
    if who is None:
        return redirect(url_for("entrance.sign_in_page"))
    if not submitted():
        return render_template("identity/second_step.html", errors={})
    try:
        account = handlers.check_code(current_context(), who.id, CodeForm().load(filled(typed()))["code"])
    except (ValidationError, CodeRefused, TooManyAttempts) as error:
        return _refused("identity/second_step.html", error)
    begin_session(handlers.note_sign_in(current_context(), account.id))
    return see(inside(who.wanted, "/"))


@blueprint.route("/second-factor", methods=["GET", "POST"])
def second_factor_page() -> Any:
    """What there is; a code that is sent confirms what was begun, and the recovery codes are shown this once."""
    id = _whose()
    if id is None:
        return ask_to_sign_in()
    if not submitted():
        return _show(id)
    try:
        recovery = handlers.confirm_second_factor(current_context(), id, CodeForm().load(filled(typed()))["code"])
    except (ValidationError, CodeRefused, TooManyAttempts) as error:
        return _show(id, _said(error)), 429 if isinstance(error, TooManyAttempts) else 422
    if current_person() is None:  # whose role demands it, and who was let in so far only
        begin_session(handlers.note_sign_in(current_context(), id))
    return render_template("identity/recovery_codes.html", codes=recovery)


@blueprint.post("/second-factor/begin")
def begin() -> Any:
    id = _whose()
    if id is None:
        return ask_to_sign_in()
    try:
        with current_context().unit() as unit:
            handlers.begin_second_factor(unit, id)
    except SecondFactorOn:
        flash(t("The second factor is on already."), "warning")
    return see(url_for(".second_factor_page"))


@blueprint.post("/second-factor/turn-off")
def turn_off() -> Any:
    person = current_person()
    if person is None:
        return ask_to_sign_in()
    try:
        form = TurnOffForm().load(filled(typed()))
        handlers.turn_second_factor_off(current_context(), person.id, form["password"])
    except (ValidationError, SignInRefused, TooManyAttempts) as error:
        return _show(person.id, _said(error, "password")), 429 if isinstance(error, TooManyAttempts) else 422
    flash(t("The second factor is turned off."), "success")
    return see(url_for("account.account_page"))


def _whose() -> str | None:
    """Whoever is signed in, or must set a second factor up before."""
    person, who = current_person(), pending(SETTING_UP)
    return person.id if person else who.id if who else None


def _show(id: str, errors: dict[str, list[str]] | None = None) -> str:
    context = current_context()
    with context.reading() as session:
        unit = Unit(context, session)
        account, factor = unit.accounts.get(id), unit.second_factors.find(id)
    secret = context.cipher.open(factor.sealed) if factor and not factor.is_on else None
    return render_template(
        "identity/second_factor.html",
        factor=factor,
        demanded=account.role in context.second_factor_roles,
        picture=codes.picture(secret, account.email) if secret else None,
        secret=codes.in_groups(secret) if secret else None,
        errors=errors or {},
    )


def _refused(template: str, error: Exception) -> Any:
    return render_template(template, errors=_said(error)), 429 if isinstance(error, TooManyAttempts) else 422


def _said(error: Exception, field: str = "code") -> dict[str, list[str]]:
    if isinstance(error, ValidationError):
        return errors_for_people(error, (field,))
    if isinstance(error, TooManyAttempts):
        return {field: [told(error)]}
    if isinstance(error, SignInRefused):
        return {field: [t("The present password is wrong.")]}
    return {field: [t("This code is wrong, or was used already. Wait for the next one.")]}
