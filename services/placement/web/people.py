"""One person: what the host has to know, and what it may note."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Blueprint, abort, flash, render_template
from marshmallow import Schema, ValidationError

from chassis.i18n import format_date
from chassis.i18n import mark as _
from chassis.web import (
    audited,
    current_context,
    detailed,
    errors_for_people,
    filled,
    requires,
    see,
    submitted,
    t,
    typed,
)
from contracts.people import OSEO
from services.placement import handlers, queries
from services.placement.domain import (
    DayTooEarly,
    DayTooLate,
    IllegalTransition,
    Participation,
    ParticipationNotFound,
    PlacementError,
    State,
    UnknownReason,
    local_day,
)
from services.placement.forms import AcceptForm, DeclineForm, EndForm, PauseForm, ResumeForm, StartForm, parts_of
from services.placement.web import words
from services.placement.web.contacts import contact_of, urgency_reason_of

blueprint = Blueprint("people", __name__, url_prefix="/placement/participants")


@dataclass(frozen=True)
class Action:
    """Something that can be noted about a person. `days` and `reasons` are what its form asks for."""

    title: str
    explained: str
    done: str
    run: Callable[..., None]
    transitions: tuple[str, ...]  #: it is possible where one of these is
    form: type[Schema] | None = None  #: None: a button is enough
    days: Mapping[str, str] = field(default_factory=dict)  #: name of the field: its question
    reasons: Mapping[str, str] = field(default_factory=dict)
    is_final: bool = False  #: it cannot be undone


ACTIONS: dict[str, Action] = {
    "accept": Action(
        _("Note that the offer is accepted"),
        _("The person then has the place. The referring CMS is told."),
        _("The offer is accepted."),
        handlers.accept_offer,
        ("accept",),
        AcceptForm,
        {"starts_on": _("First day agreed with the person (optional)")},
    ),
    "decline": Action(
        _("Note that the offer is declined"),
        _("The place goes to the next person. Who declines stays on the list and is passed over until ready again."),
        _("The offer is declined."),
        handlers.decline_offer,
        ("decline",),
        DeclineForm,
        reasons=words.DECLINED,
    ),
    "rejoin": Action(
        _("Ready again"),
        _("The person gets the next place that the order gives."),
        _("The person is ready again."),
        handlers.rejoin,
        ("rejoin",),
    ),
    "start": Action(
        _("Note the first attendance"),
        _("The evaluation counts its waves from this day."),
        _("The first day is noted."),
        handlers.start,
        ("start", "correct_start"),
        StartForm,
        {"on": _("First day")},
    ),
    "pause": Action(
        _("Note an interruption"),
        _("The person keeps the place."),
        _("The interruption is noted."),
        handlers.pause,
        ("pause",),
        PauseForm,
        {"on": _("Away since")},
        words.PAUSED,
    ),
    "resume": Action(
        _("Note the return"),
        _("The person takes part again."),
        _("The return is noted."),
        handlers.resume,
        ("resume",),
        ResumeForm,
        {"on": _("Back since")},
    ),
    "end": Action(
        _("Note the end"),
        _("The place goes to the next person at once. An end cannot be undone."),
        _("The end is noted."),
        handlers.end,
        ("end",),
        EndForm,
        {"on": _("Last day")},
        words.ENDED,
        is_final=True,
    ),
}
_END = ACTIONS["end"]
_BEFORE_COMING = replace(_END, days={"on": _("Ended on")})  #: who has never come has no last day
_ENDS = {
    State.WAITING: replace(_BEFORE_COMING, explained=_("The person leaves the waiting list. An end cannot be undone.")),
    State.OFFERED: _BEFORE_COMING,
    State.PLACED: _BEFORE_COMING,
}


@blueprint.get("/<reference>")
@audited("referral")
@requires(OSEO)
def person(reference: str) -> str:
    context = current_context()
    with context.reading() as session:
        found = _found(session, reference)
        group = queries.group(session, found.group) if found.group else None
        standing = queries.standing(session, found)
    return render_template(
        "placement/person.html",
        one=found,
        group=group,
        standing=standing,
        contact=contact_of(found, context.opener),
        urgency_reason=urgency_reason_of(found, context.opener),
        actions={name: action for name, action in ACTIONS.items() if _is_possible(action, found)},
    )


@blueprint.route("/<reference>/<name>", methods=["GET", "POST"])
@audited("referral")
@requires(OSEO)
def act(reference: str, name: str) -> Any:
    action = ACTIONS.get(name) or abort(404)
    detailed(name)
    with current_context().reading() as session:
        found = _found(session, reference)
    if not _is_possible(action, found):
        raise IllegalTransition(name, found.state)
    if action is _END:
        action = _ENDS.get(found.state, _END)
    if not submitted():
        return _form_page(found, action, typed() or _proposed(action, found))
    try:
        told = action.form().load(filled(typed())) if action.form else {}
        with current_context().unit() as unit:
            action.run(unit, reference, **told)
    except ValidationError as error:
        return _form_page(found, action, typed(), errors_for_people(error, (*action.days, "reason"))), 422
    except (DayTooLate, DayTooEarly, UnknownReason) as error:
        return _form_page(found, action, typed(), _refused(action, error)), 422
    flash(t(action.done), "success")
    return see(f"/placement/participants/{reference}")


def _form_page(
    found: Participation, action: Action, values: dict[str, Any], errors: dict[str, list[str]] | None = None
) -> str:
    reasons = words.choices(action.reasons)
    if action.form is EndForm:
        reasons = [(code, text) for code, text in reasons if code in found.end_reasons]
    return render_template(
        "placement/action.html",
        one=found,
        contact=contact_of(found, current_context().opener),
        action=action,
        values=values,
        days={name: parts_of(values, name) for name in action.days},
        reasons=reasons,
        errors=errors or {},
    )


def _refused(action: Action, error: PlacementError) -> dict[str, list[str]]:
    """What the domain refused, beside the field that it is about."""
    day = next(iter(action.days), "_schema")
    match error:
        case DayTooLate():
            return {day: [t(_("This day is still to come."))]}
        case DayTooEarly(earliest=earliest):
            return {day: [t(_("The day cannot lie before %(day)s."), day=format_date(earliest))]}
    return {"reason": [t(_("Choose a reason."))]}


def _proposed(action: Action, found: Participation) -> dict[str, str]:
    """Today, or the first day as it is known, where a day must be told."""
    if "on" not in action.days:
        return {}
    known = found.starts_on if action.run is handlers.start else None
    today = local_day(current_context().clock.now())
    day = min(known or today, today)
    return {f"on-{part}": str(getattr(day, part)) for part in ("day", "month", "year")}


def _is_possible(action: Action, found: Participation) -> bool:
    if action.run is handlers.rejoin and not found.deferred:
        return False
    return any(found.may(transition) for transition in action.transitions)


def _found(session: Any, reference: str) -> Participation:
    found = queries.participation(session, reference)
    if found is None:
        raise ParticipationNotFound(reference)
    return found
