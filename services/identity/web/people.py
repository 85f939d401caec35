"""Everybody's accounts, for administrators."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Flask, abort, flash, render_template, url_for
from marshmallow import ValidationError

from chassis.i18n import LANGUAGE_NAMES
from chassis.web import (
    current_context,
    error_page,
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
from services.identity.domain import (
    Account,
    AccountNotFound,
    Details,
    EmailTaken,
    LastAdministrator,
    NotInvited,
    NotOneself,
)
from services.identity.forms import AccountForm
from services.identity.store import Unit
from services.identity.web import words

blueprint = Blueprint("people", __name__, url_prefix="/account/people")

_FIELDS = ("name", "email", "role", "areas", "rights", "partner", "region", "language")
_LISTS = ("areas", "rights")


def answer_refusals(app: Flask) -> None:
    """What administrators can't do, said on a page."""
    app.register_error_handler(AccountNotFound, lambda _error: error_page(404))
    app.register_error_handler(NotOneself, lambda _error: error_page(409))
    app.register_error_handler(NotInvited, lambda _error: error_page(409))
    app.register_error_handler(LastAdministrator, lambda _error: error_page(409, t(words.LAST_ADMINISTRATOR)))


@blueprint.get("/")
@requires(ADMINISTRATOR)
def list_page() -> Any:
    with current_context().reading() as session:
        lines = queries.list_accounts(session)
    return render_template("identity/people.html", lines=lines, words=words)


@blueprint.route("/new", methods=["GET", "POST"])
@requires(ADMINISTRATOR)
def new_page() -> Any:
    if not submitted():
        return _form(typed(lists=_LISTS), {})

    def invite(unit: Unit, details: Details) -> Account:
        return handlers.invite(unit, details, by=_own_id())

    return _take(invite, t("The invitation is on its way."))


@blueprint.get("/<id>")
@requires(ADMINISTRATOR)
def person_page(id: str) -> Any:
    with current_context().reading() as session:
        account = Unit(current_context(), session).accounts.get(id)
        deeds, letter = queries.deeds(session, id), queries.last_letter(session, id)
        second_factor = queries.has_second_factor(session, id)
    return render_template(
        "identity/person.html",
        account=account,
        words=words,
        letter=letter,
        second_factor=second_factor,
        timeline=[{"at": deed.at, "title": words.deed_text(deed), "by": deed.by} for deed in deeds],
        oneself=account.id == _own_id(),
    )


@blueprint.route("/<id>/change", methods=["GET", "POST"])
@requires(ADMINISTRATOR)
def change_page(id: str) -> Any:
    with current_context().reading() as session:
        account = Unit(current_context(), session).accounts.get(id)
    if not submitted():
        return _form(typed(lists=_LISTS) if _was_typed() else _as_typed(account), {}, account=account)

    def change(unit: Unit, details: Details) -> Account:
        return handlers.change_account(unit, id, details, by=_own_id())

    return _take(change, t("The account is changed."), account=account)


@blueprint.post("/<id>/<action>")
@requires(ADMINISTRATOR)
def act(id: str, action: str) -> Any:
    """What takes one button; each says afterwards what was done."""
    if action not in _ACTIONS:
        abort(404)
    do, said = _ACTIONS[action]
    with current_context().unit() as unit:
        do(unit, id, by=_own_id())
    flash(t(said), "success")
    return see(url_for(".list_page") if action == "take-back" else url_for(".person_page", id=id))


_ACTIONS: dict[str, tuple[Callable[..., None], str]] = {
    "disable": (handlers.disable_account, words.DISABLED),
    "enable": (handlers.enable_account, words.ENABLED),
    "invite-again": (handlers.invite_again, words.INVITED_AGAIN),
    "take-back": (handlers.take_invitation_back, words.TAKEN_BACK),
    "reset-second-factor": (handlers.reset_second_factor, words.SECOND_FACTOR_OFF),
    "reset-link": (handlers.send_reset_link, words.RESET_LINK_SENT),
}


def _take(do: Callable[[Unit, Details], Account], said: str, account: Account | None = None) -> Any:
    values = typed(lists=_LISTS)
    try:
        details = AccountForm().load(filled(values))
        with current_context().unit() as unit:
            account = do(unit, details)
    except ValidationError as error:
        return _form(values, errors_for_people(error, _FIELDS), account=account), 422
    except EmailTaken:
        taken = {"email": [t("There is an account with this e-mail address already.")]}
        return _form(values, taken, account=account), 422
    flash(said, "success")
    return see(url_for(".person_page", id=account.id))


def _form(values: dict[str, Any], errors: dict[str, list[str]], account: Account | None = None) -> str:
    return render_template(
        "identity/person_form.html",
        account=account,
        values=values,
        errors=errors,
        roles=words.choices(words.ROLES),
        areas=words.choices(words.AREAS),
        rights=words.choices(words.RIGHTS),
        partners=words.choices(words.PARTNERS),
        regions=words.choices(words.REGIONS),
        language_names=list(LANGUAGE_NAMES.items()),
    )


def _as_typed(account: Account) -> dict[str, Any]:
    told = asdict(account)
    return {name: told[name] for name in _FIELDS}


def _was_typed() -> bool:
    return bool(typed())


def _own_id() -> str:
    return signed_in_person().id
