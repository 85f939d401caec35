"""Drafts: the task list, one page for each section, saved at any moment, and the way to the referral."""

from typing import Any

from flask import Blueprint, Response, abort, flash, jsonify, render_template, request

from chassis.i18n import format_time
from chassis.i18n import mark as _
from chassis.web import (
    audited,
    current_context,
    errors_for_people,
    see,
    signed_in_person,
    submitted,
    t,
    typed,
)
from services.referral import handlers, queries
from services.referral.domain import ChangedElsewhere, Draft
from services.referral.forms import LISTS, SECTIONS, completed_home, errors_in, identity_in, problems
from services.referral.queries import wording
from services.referral.web import shown, tasks
from services.referral.web.opening import Answer, Errors, Values, for_cms, me, my_areas, opened_draft, today

blueprint = Blueprint("drafts", __name__, url_prefix="/referrals")

_FIRST = "identity"
_HOME = ("locality", "commune_bfs")  #: what a postal code may tell
_AUTOSAVE = "autosave"  #: the header by which a script says that nobody waits for a page


@blueprint.route("/new", methods=["GET", "POST"])
@audited("draft", "create")
@for_cms
def new() -> Answer:
    """The first section; with it the draft begins."""
    values = _typed(_FIRST, None)
    if not submitted():
        return _section_page(None, _FIRST, values)
    with current_context().unit() as unit:
        draft = handlers.begin_draft(unit, own_details(), my_areas()[0], me())
        handlers.save_section(unit, draft.id, _FIRST, values, 0, me(), my_areas())
    return _saved(draft, _FIRST, values)


@blueprint.get("/drafts/<uuid:id>")
@audited("draft")
@for_cms
def overview(id: Any) -> Answer:
    draft = opened_draft(str(id))
    if draft.sent_as:
        return see(f"/referrals/{draft.sent_as}")
    open_ones = problems(draft.answers, today())
    return render_template(
        "referral/tasks.html", draft=draft, tasks=tasks.rows(draft, open_ones), problems=open_ones, known=_known(draft)
    )


@blueprint.route("/drafts/<uuid:id>/<section>", methods=["GET", "POST"])
@audited("draft")
@for_cms
def section(id: Any, section: str) -> Answer:
    if section not in SECTIONS:
        abort(404)
    draft = opened_draft(str(id), unnoted=_is_autosave())
    if draft.sent_as:
        return see(f"/referrals/{draft.sent_as}")
    if not submitted():
        return _section_page(draft, section, _typed(section, draft) if request.form else dict(draft.answers))
    values = _typed(section, draft)
    try:
        with current_context().unit() as unit:
            draft = handlers.save_section(unit, draft.id, section, values, _seen(), me(), my_areas())
    except ChangedElsewhere as changed:
        return _changed_elsewhere(draft.id, section, values, changed)
    return _saved(draft, section, values)


@blueprint.post("/drafts/<uuid:id>/take-over")
@audited("draft")
@for_cms
def take_over(id: Any) -> Answer:
    with current_context().unit() as unit:
        handlers.take_over(unit, str(id), request.form.get("reference", ""), me(), my_areas())
    flash(t(_("The details were taken over. Please check whether they still hold.")), "success")
    return see(f"/referrals/drafts/{id}")


@blueprint.route("/drafts/<uuid:id>/discard", methods=["GET", "POST"])
@audited("draft", "discard")
@for_cms
def discard(id: Any) -> Answer:
    draft = opened_draft(str(id))
    if not submitted():
        return render_template("referral/discard.html", draft=draft)
    with current_context().unit() as unit:
        handlers.discard_draft(unit, draft.id, my_areas())
    flash(t(_("The correction was discarded.") if draft.corrects else _("The draft was deleted.")), "success")
    return see(f"/referrals/{draft.corrects}" if draft.corrects else "/referrals/?show=drafts")


def own_details() -> Values:
    """What is known of the one who refers."""
    return {"referrer_name": signed_in_person().name, "urgency": "normal"}


def next_step(draft: Draft, after: str | None = None) -> str:
    """Where to go on: the first section that is not complete (behind `after`, if there is one), else the check."""
    open_ones = list(problems(draft.answers, today()))
    behind = list(SECTIONS)[list(SECTIONS).index(after) + 1 :] if after else []
    for section in [each for each in behind if each in open_ones] + open_ones:
        return f"/referrals/drafts/{draft.id}/{section}"
    return f"/referrals/drafts/{draft.id}/check"


def _typed(section: str, draft: Draft | None) -> Values:
    """The section's fields, the missing ones empty; who works for one CMS is not asked for which."""
    found = typed(lists=[name for name in LISTS if name in SECTIONS[section]])
    values = completed_home({name: found.get(name, "") for name in SECTIONS[section]})
    if section == "referrer" and draft is not None and tasks.has_one_cms(draft, my_areas()):
        values["cms_area"] = draft.cms_area
    if values.get("cms_area") and values["cms_area"] not in my_areas():
        abort(403)
    return values


def _seen() -> int:
    return request.form.get("saved", 0, type=int)


def _is_autosave() -> bool:
    return request.headers.get("X-Requested-With") == _AUTOSAVE


def _saved(draft: Draft, section: str, values: Values) -> Answer:
    path = f"/referrals/drafts/{draft.id}/{section}"
    if _is_autosave():
        return _autosaved(draft, section, values, path)
    if "leave" in request.form:
        return see(f"/referrals/drafts/{draft.id}")
    error = errors_in(section, values, today())
    if error is not None:
        return _section_page(draft, section, values, errors_for_people(error, SECTIONS[section])), 422
    if request.form.get("back") == "check":
        return see(f"/referrals/drafts/{draft.id}/check#{section}")
    if section == _FIRST and _known(draft).is_anything:
        return see(f"/referrals/drafts/{draft.id}")
    return see(next_step(draft, after=section))


def _autosaved(draft: Draft, section: str, values: Values, path: str) -> Response:
    """What the page is told that saved by itself: the new count, what was filled in, and what is known by now."""
    said = t(_("Saved at %(time)s"), time=format_time(draft.saved_at))
    home = {name: values[name] for name in _HOME if values.get(name) and not request.form.get(name)}
    if home:
        said += " " + t(_("Filled in from the postal code: %(places)s."), places=tasks.places(home))
    told = render_template("referral/noticed.html", draft=draft, known=_known(draft)) if section == _FIRST else None
    return jsonify(said=said, told=told, action=path, fields={"saved": draft.saved(section), **home})


def _changed_elsewhere(id: str, section: str, values: Values, changed: ChangedElsewhere) -> Answer:
    if _is_autosave():
        said = t(_("Not saved: this page was changed in another window. Save it to compare the two."))
        return jsonify(said=said), 409
    draft = opened_draft(id)
    differences = tasks.differences(draft, values, changed.differing)
    return _section_page(draft, section, values, differences=differences), 409


def _section_page(draft: Draft | None, section: str, values: Values, errors: Errors | None = None, **more: Any) -> Any:
    return render_template(
        "referral/section.html",
        draft=draft,
        section=section,
        values=values,
        errors=errors or {},
        labels=wording.field_labels(t),
        choices=shown.form_choices() | {"cms_area": shown.areas(my_areas())},
        one_cms=draft is None or tasks.has_one_cms(draft, my_areas()),
        back=request.values.get("back", ""),
        known=_known(draft) if draft and section == _FIRST else None,
        **more,
    )


def _known(draft: Draft) -> queries.Known:
    with current_context().reading() as session:
        identity = identity_in(draft.answers, today())
        return queries.known_of(session, current_context().hasher, draft, identity, my_areas())
