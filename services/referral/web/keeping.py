"""How long people are kept: what goes soon by itself, and having somebody erased."""

import re
from collections.abc import Collection
from functools import wraps
from typing import Any

from flask import Blueprint, abort, flash, render_template, request
from marshmallow import ValidationError

from chassis.i18n import mark as _
from chassis.web import (
    audited,
    current_context,
    detailed,
    errors_for_people,
    filled,
    page_asked,
    requires,
    see,
    shows,
    signed_in_person,
    submitted,
    t,
    typed,
)
from contracts.people import ADMINISTRATOR, ALL_AREAS, CMS, HEAD
from services.referral import handlers, queries
from services.referral.forms import ErasureForm
from services.referral.queries import wording
from services.referral.web import shown

blueprint = Blueprint("keeping", __name__, url_prefix="/retention")

_REFERENCE = re.compile(r"ISA-\d{4}-\d{6,}")


def keepers(view: Any) -> Any:
    """Administrators, and whoever leads a CMS."""

    @wraps(view)
    def allowed(*args: Any, **kwargs: Any) -> Any:
        person = signed_in_person()
        if person.role == CMS and HEAD not in person.rights:
            abort(403)
        return view(*args, **kwargs)

    return requires(ADMINISTRATOR, CMS)(allowed)


@blueprint.get("/")
@audited("referral", lists=True)
@keepers
def overview() -> Any:
    reference = request.args.get("reference", "").strip().upper()
    if _REFERENCE.fullmatch(reference):
        shows()
        return see(f"/retention/{reference}")
    page = page_asked()
    with current_context().reading() as session:
        found = queries.announced(session, _areas(), page)
    listed = found[: queries.ERASURES_PAGE]
    shows(*(each.reference for each in listed))
    return render_template(
        "referral/retention.html",
        found=listed,
        asked=reference,
        kept=current_context().settings.retention_days,
        previous=f"?page={page - 1}" if page > 1 else None,
        next=f"?page={page + 1}" if len(found) > len(listed) else None,
    )


@blueprint.route("/<reference>", methods=["GET", "POST"])
@audited("referral", "erase")
@keepers
def erase(reference: str) -> Any:
    with current_context().reading() as session:
        found = queries.erased_with(session, reference, _areas())
    if not submitted():
        return _page(reference, found, typed())
    try:
        command = ErasureForm().load(filled(typed()))
    except ValidationError as error:
        return _page(reference, found, typed(), errors_for_people(error, ("reason", "sure"))), 422
    detailed(command.reason)
    with current_context().unit() as unit:
        handlers.erase_person(unit, reference, command, _areas())
    flash(t(_("The person is erased here; all services are told and do the same.")), "success")
    return see("/retention/")


def _page(reference: str, found: Any, values: dict[str, Any], errors: dict[str, list[str]] | None = None) -> str:
    reasons = shown.choices(wording.ERASURES)
    return render_template(
        "referral/erase.html", reference=reference, found=found, values=values, errors=errors or {}, reasons=reasons
    )


def _areas() -> Collection[str]:
    person = signed_in_person()
    return (ALL_AREAS,) if person.role == ADMINISTRATOR else person.areas
