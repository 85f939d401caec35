"""Everybody's accounts, for administrators."""

from typing import Any

from flask import Blueprint, abort, flash, render_template, url_for
from marshmallow import ValidationError

from chassis.i18n import LANGUAGE_NAMES
from chassis.web import (
    current_context,
    errors_for_people,
    filled,
    requires,
    see,
    signed_in_person,
    submitted,
    t,
    typed,
)
from contracts.people import ADMINISTRATOR
from services.identity import handlers, queries
from services.identity.domain import Account, AccountNotFound, EmailTaken, NotOneself
from services.identity.forms import AccountForm
from services.identity.store import Unit
from services.identity.web import words

blueprint = Blueprint("people", __name__, url_prefix="/account/people")

_FIELDS = ("name", "email", "role", "area", "partner", "region", "language")


@blueprint.get("/")
@requires(ADMINISTRATOR)
def list_page() -> Any:
    with current_context().reading() as session:
        lines = queries.list_accounts(session)
    return render_template("identity/people.html", lines=lines, role_text=words.role_text, place_text=words.place_text)


@blueprint.route("/new", methods=["GET", "POST"])
@requires(ADMINISTRATOR)
def new_page() -> Any:
    if not submitted():
        return _form(typed(), {})
    try:
        command = AccountForm().load(filled(typed()))
    except ValidationError as error:
        return _form(typed(), errors_for_people(error, _FIELDS), 422)
    password = current_context().passwords.generate()
    hashed = current_context().passwords.hash(password)
    try:
        with current_context().unit() as unit:
            account = handlers.create_account(unit, command, hashed, by=_own_id())
    except EmailTaken:
        return _form(typed(), {"email": [t("There is an account with this e-mail address already.")]}, 422)
    return _hand_over(account, password)


@blueprint.get("/<id>")
@requires(ADMINISTRATOR)
def person_page(id: str) -> Any:
    with current_context().reading() as session:
        account = _found(session, id)
        deeds = queries.deeds(session, id)
    return render_template(
        "identity/person.html",
        account=account,
        role=words.role_text(account),
        place=words.place_text(account),
        timeline=[{"at": deed.at, "title": t(words.DEEDS[deed.action]), "by": deed.by} for deed in deeds],
        oneself=account.id == _own_id(),
    )


@blueprint.post("/<id>/disable")
@requires(ADMINISTRATOR)
def disable(id: str) -> Any:
    try:
        with current_context().unit() as unit:
            handlers.disable_account(unit, id, by=_own_id())
    except AccountNotFound:
        abort(404)
    except NotOneself:
        abort(409)
    flash(t("The account is disabled."), "success")
    return see(url_for(".person_page", id=id))


@blueprint.post("/<id>/enable")
@requires(ADMINISTRATOR)
def enable(id: str) -> Any:
    try:
        with current_context().unit() as unit:
            handlers.enable_account(unit, id, by=_own_id())
    except AccountNotFound:
        abort(404)
    flash(t("The account is enabled again."), "success")
    return see(url_for(".person_page", id=id))


@blueprint.post("/<id>/password")
@requires(ADMINISTRATOR)
def reset_password(id: str) -> Any:
    password = current_context().passwords.generate()
    hashed = current_context().passwords.hash(password)
    try:
        with current_context().unit() as unit:
            account = handlers.reset_password(unit, id, hashed, by=_own_id())
    except AccountNotFound:
        abort(404)
    return _hand_over(account, password)


def _hand_over(account: Account, password: str) -> Any:
    """The initial password, once: it goes into this answer and nowhere else, so there is no redirect."""
    return render_template("identity/initial_password.html", account=account, password=password)


def _form(values: dict[str, Any], errors: dict[str, list[str]], status: int = 200) -> Any:
    page = render_template(
        "identity/new_person.html",
        values=values,
        errors=errors,
        roles=words.choices(words.ROLES),
        areas=words.choices(words.AREAS),
        partners=words.choices(words.PARTNERS),
        regions=words.choices(words.REGIONS),
        language_names=list(LANGUAGE_NAMES.items()),
    )
    return page, status


def _found(session: Any, id: str) -> Account:
    try:
        return Unit(current_context(), session).accounts.get(id)
    except AccountNotFound:
        abort(404)


def _own_id() -> str:
    return signed_in_person().id
