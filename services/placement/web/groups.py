"""Groups: their places as a picture, the roster, and what the host decides about them."""

from typing import Any

from flask import Blueprint, abort, flash, render_template
from marshmallow import ValidationError

from chassis.i18n import mark as _
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
from contracts.people import ADMINISTRATOR, OSEO, PARTNER
from services.placement import handlers, queries
from services.placement.domain import Group, GroupExists, GroupNotFound
from services.placement.forms import GroupForm, code_of, load_new_group
from services.placement.web.contacts import contact_of

blueprint = Blueprint("groups", __name__, url_prefix="/placement")

_FIELDS = ("name", "region", "language", "capacity", "is_open", "mode", "offer_days")
_NEW: dict[str, Any] = {"capacity": 15, "is_open": "yes", "mode": "automatic", "offer_days": 7}


@blueprint.get("/")
@requires(OSEO, ADMINISTRATOR, PARTNER)
def overview() -> str:
    """All groups; a partner sees those of its region. No names."""
    region = own_region()
    with current_context().reading() as session:
        groups, waiting = queries.groups(session, region), queries.waiting_lists(session, region)
    return render_template("placement/groups.html", groups=groups, waiting=waiting, is_host=_is_host())


@blueprint.get("/groups/<code>")
@audited("referral", lists=True)
@requires(OSEO)
def roster(code: str) -> str:
    with current_context().reading() as session:
        group, people = _found(session, code), queries.roster(session, code)
    shows(*(each.reference for each in people))
    opener = current_context().opener
    known = [(each, contact_of(each, opener)) for each in people]
    return render_template("placement/roster.html", group=group, people=known)


@blueprint.route("/groups/<code>/settings", methods=["GET", "POST"])
@requires(OSEO)
def settings(code: str) -> Any:
    with current_context().reading() as session:
        group = _found(session, code)
    if not submitted():
        return _settings_page(group, typed() or _as_typed(group))
    try:
        command = GroupForm().load(filled(typed()))
    except ValidationError as error:
        return _settings_page(group, typed(), errors_for_people(error, _FIELDS)), 422
    with current_context().unit() as unit:
        handlers.change_group(unit, code, command)
    flash(t(_("The group is changed.")), "success")
    return see(f"/placement/groups/{code}")


@blueprint.route("/groups/new", methods=["GET", "POST"])
@requires(OSEO)
def new() -> Any:
    if not submitted():
        return _new_page(typed() or _NEW)
    try:
        region, language, command = load_new_group(filled(typed()))
        code = _code(command.name)
        with current_context().unit() as unit:
            handlers.add_group(unit, code, region, language, command)
    except ValidationError as error:
        return _new_page(typed(), errors_for_people(error, _FIELDS)), 422
    except GroupExists:
        return _new_page(typed(), {"name": [t(_("There is a group of this name already."))]}), 422
    flash(t(_("The group is made.")), "success")
    return see(f"/placement/groups/{code}")


def own_region() -> str | None:
    """The region a partner is confined to; None for who sees all of them. A partner without one sees nothing."""
    person = signed_in_person()
    if person.role != PARTNER:
        return None
    return person.region or abort(403)


def _code(name: str) -> str:
    code = code_of(name)
    if len(code) < 3 or code == "new":
        raise ValidationError({"name": [_("Use at least three letters or digits.")]})
    return code


def _settings_page(group: Group, values: dict[str, Any], errors: dict[str, list[str]] | None = None) -> str:
    return render_template("placement/settings.html", group=group, values=values, errors=errors or {})


def _new_page(values: dict[str, Any], errors: dict[str, list[str]] | None = None) -> str:
    return render_template("placement/settings.html", group=None, values=values, errors=errors or {})


def _as_typed(group: Group) -> dict[str, Any]:
    known = {"name": group.name, "capacity": group.wanted_capacity, "offer_days": group.offer_days}
    return known | {"is_open": "yes" if group.is_open else "no", "mode": group.mode.value}


def _is_host() -> bool:
    return signed_in_person().role == OSEO


def _found(session: Any, code: str) -> Group:
    group = queries.group(session, code)
    if group is None:
        raise GroupNotFound(code)
    return group
