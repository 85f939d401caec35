"""One's own account: what it is, its language, its password."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, url_for
from marshmallow import Schema, ValidationError

from chassis.web import (
    current_context,
    errors_for_people,
    filled,
    requires,
    see,
    sign_out,
    signed_in_person,
    submitted,
    t,
    typed,
)
from chassis.web.language import remember_language
from chassis.web.session import session_ends, use_session
from services.identity import handlers
from services.identity.domain import (
    Account,
    AccountNotFound,
    LinkSpent,
    PasswordRefused,
    Purpose,
    SignInRefused,
    TooManyAttempts,
)
from services.identity.forms import PASSWORD_REFUSED, FirstPasswordForm, LanguageForm, LinkForm, PasswordForm
from services.identity.store import Unit
from services.identity.web.entrance import FIRST_PASSWORD, begin_session, enter, pending, told
from services.identity.web.words import place_text, role_text

blueprint = Blueprint("account", __name__, url_prefix="/account")


@blueprint.get("/")
@requires()
def account_page() -> Any:
    with current_context().reading() as session:
        account = Unit(current_context(), session).accounts.get(_own_id())
    return render_template("identity/account.html", account=account, role=role_text(account), place=place_text(account))


@blueprint.post("/session")
@requires()
def stay_signed_in() -> Any:
    """Somebody goes on: how many seconds the session lasts from now on, unless it is used again."""
    use_session()
    ends_at, _extendable = session_ends()
    return jsonify(seconds=round((ends_at - current_context().clock.now()).total_seconds()))


@blueprint.post("/language")
@requires()
def choose_language() -> Any:
    try:
        form = LanguageForm().load(typed())
    except ValidationError:
        abort(400)
    with current_context().unit() as unit:
        handlers.choose_language(unit, _own_id(), form["language"])
    remember_language(form["language"])
    flash(t("The language was changed."), "success")
    return see(url_for(".account_page"))


@blueprint.post("/sign-out-everywhere")
@requires()
def sign_out_everywhere() -> Any:
    with current_context().unit() as unit:
        handlers.sign_out_everywhere(unit, _own_id())
    sign_out()
    flash(t("You are signed out on all devices."), "success")
    return see(url_for("entrance.sign_in_page"))


@blueprint.route("/password", methods=["GET", "POST"])
@requires()
def password_page() -> Any:
    def change(form: dict[str, Any]) -> Account:
        return handlers.change_password(current_context(), _own_id(), form["current_password"], form["new_password"])

    return _password_page("identity/password.html", PasswordForm(), change, enter=_go_on)


@blueprint.route("/first-password", methods=["GET", "POST"])
def first_password_page() -> Any:
    """For somebody whose initial password was right: not signed in yet, may only choose their own."""
    who = pending(FIRST_PASSWORD)
    if who is None:
        return redirect(url_for("entrance.sign_in_page"))

    def choose(form: dict[str, Any]) -> Account:
        return handlers.choose_first_password(current_context(), who.id, form["new_password"])

    return _password_page("identity/first_password.html", FirstPasswordForm(), choose)


@blueprint.route("/link/<token>", methods=["GET", "POST"])
def link_page(token: str) -> Any:
    """Where the link of an e-mail leads: to choose a password, once. Looking at the page uses nothing up."""
    try:
        link, account = handlers.look_at_link(current_context(), token)
        answer = _password_page(
            "identity/link.html",
            LinkForm(),
            lambda form: handlers.choose_password_by_link(current_context(), token, form["new_password"]),
            invitation=link.purpose == Purpose.INVITATION,
            account=account,
        )
    except (LinkSpent, AccountNotFound):
        return render_template("identity/link_spent.html"), 404
    return answer


def _go_on(account: Account) -> Any:
    """Whoever was signed in stays so, in a new session."""
    begin_session(account)
    return see(url_for(".account_page"))


def _password_page(
    template: str,
    schema: Schema,
    change: Callable[[dict[str, Any]], Account],
    *,
    enter: Callable[[Account], Any] = enter,
    **shown: Any,
) -> Any:
    if not submitted():
        return render_template(template, errors={}, **shown)
    try:
        account = change(schema.load(filled(typed())))
    except ValidationError as error:
        return _again(template, errors_for_people(error, _PASSWORD_FIELDS), **shown)
    except SignInRefused:
        return _again(template, {"current_password": [t("The present password is wrong.")]}, **shown)
    except TooManyAttempts as refusal:
        return _again(template, {"current_password": [told(refusal)]}, 429, **shown)
    except PasswordRefused as refusal:
        return _again(template, {"new_password": [t(PASSWORD_REFUSED[refusal.reason])]}, **shown)
    flash(t("Your password was changed."), "success")
    return enter(account)


_PASSWORD_FIELDS = ("current_password", "new_password", "repeated_password")


def _again(template: str, errors: dict[str, list[str]], status: int = 422, **shown: Any) -> Any:
    return render_template(template, errors=errors, **shown), status


def _own_id() -> str:
    return signed_in_person().id
