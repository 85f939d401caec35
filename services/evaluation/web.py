"""The pages of HES-SO: what is due now, the participants, one participant, and noting that a wave is completed."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import Blueprint, Flask, abort, flash, render_template, request
from marshmallow import ValidationError

from chassis.i18n import ZURICH, Catalogue, format_date
from chassis.i18n import mark as _
from chassis.web import (
    audited,
    current_context,
    ended_in_store,
    error_page,
    errors_for_people,
    make_app,
    page_asked,
    requires,
    see,
    shows,
    submitted,
    t,
    typed,
)
from contracts.people import EVALUATOR
from contracts.site import NAVIGATION
from services.evaluation import handlers, queries
from services.evaluation.domain import (
    EARLIEST,
    EXIT,
    T0,
    ParticipantNotFound,
    State,
    Wave,
    WaveNotOpen,
    WaveState,
    WaveTooEarly,
    months_until,
)
from services.evaluation.forms import CompletionForm, parts_of

CATALOGUE = Catalogue("services.evaluation")
blueprint = Blueprint("evaluation", __name__, url_prefix="/evaluation")

STATES: dict[State, tuple[str, str]] = {
    State.ENROLLED: (_("Before the first day"), "blue"),
    State.ACTIVE: (_("Takes part"), "green"),
    State.PAUSED: (_("Paused"), "orange"),
    State.ENDED: (_("Ended"), "grey"),
    State.WITHDRAWN: (_("Withdrawn"), "grey"),
    State.LEFT: (_("No longer agrees to the evaluation"), "grey"),
}
WAVE_STATES: dict[WaveState, tuple[str, str]] = {
    WaveState.PLANNED: (_("Planned"), "blue"),
    WaveState.DUE: (_("Due"), "orange"),
    WaveState.COMPLETED: (_("Completed"), "green"),
    WaveState.STOPPED: (_("Not asked any more"), "grey"),
}
SEXES = {"f": _("Female"), "m": _("Male")}
LANGUAGES = {"fr": _("French"), "de": _("German")}
REGIONS = {
    "sion": _("Sion"),
    "bas-valais": _("Lower Valais"),
    "sierre": _("Sierre"),
    "haut-valais": _("Upper Valais"),
}


def create_app(context: Any) -> Flask:
    app = make_app(context, [blueprint], CATALOGUE, session_check=ended_in_store(context), navigation=NAVIGATION)
    app.register_error_handler(ParticipantNotFound, lambda error: error_page(404))
    app.register_error_handler(WaveNotOpen, lambda error: error_page(409))
    app.jinja_env.globals.update(
        STATES=STATES,
        SEXES=SEXES,
        LANGUAGES=LANGUAGES,
        REGIONS=REGIONS,
        wave_name=wave_name,
        wave_shown=wave_shown,
        in_order=in_order,
    )
    return app


def wave_name(code: str) -> str:
    """What people call the wave, in the reader's language."""
    if code == T0:
        return t(_("T0, before the first day"))
    if code == EXIT:
        return t(_("Exit"))
    months = months_until(code) or 0
    return t(_("%(months)s months"), months=months) if months <= 12 else t(_("%(years)s years"), years=months // 12)


def in_order(waves: Iterable[Wave]) -> list[Wave]:
    """T0 first, even where it is asked late, then by day."""
    return sorted(waves, key=lambda wave: (wave.code != T0, wave.due_on))


def wave_shown(wave: Wave) -> tuple[str, str]:
    """State and colour: due from its day on, also in the moment before the schedule has told of it."""
    come = wave.state is WaveState.PLANNED and wave.due_on <= _today()
    text, colour = WAVE_STATES[WaveState.DUE if come else wave.state]
    return t(text), colour


@blueprint.get("/")
@audited("participant", lists=True)
@requires(EVALUATOR)
def due() -> str:
    page = page_asked()
    with current_context().reading() as session:
        found = queries.due_now(session, _today(), page)
        counts, due = queries.count_by_state(session), queries.count_due(session, _today())
    shows(*(each.pseudonym for each in found[: queries.PAGE]))
    return render_template("evaluation/due.html", **_listed(found, page), counts=counts, due=due, State=State)


@blueprint.get("/participants/")
@audited("participant", lists=True)
@requires(EVALUATOR)
def participants() -> str:
    page = page_asked()
    with current_context().reading() as session:
        found = queries.participants(session, page)
    shows(*(each.pseudonym for each in found[: queries.PAGE]))
    return render_template("evaluation/participants.html", **_listed(found, page))


@blueprint.get("/participants/<pseudonym>")
@audited("participant")
@requires(EVALUATOR)
def participant(pseudonym: str) -> str:
    shows(pseudonym)
    with current_context().reading() as session:
        found = queries.participations_of(session, pseudonym)
        costs = queries.costs_of(session, pseudonym)
    if not found:
        raise ParticipantNotFound(pseudonym)
    return render_template("evaluation/participant.html", participations=found, costs=costs, today=_today())


@blueprint.route("/participations/<uuid:id>/waves/<code>/completion", methods=["GET", "POST"])
@audited("participant", "complete_wave")
@requires(EVALUATOR)
def completion(id: Any, code: str) -> Any:
    with current_context().reading() as session:
        found = queries.wave(session, str(id), code)
    if found is None:
        abort(404)
    pseudonym, wave = found
    shows(pseudonym)
    if not wave.open:
        raise WaveNotOpen(code)
    if not submitted():
        return _completion_page(pseudonym, wave, parts_of(typed()) if request.form else _today())
    return _complete(str(id), pseudonym, wave)


def _complete(id: str, pseudonym: str, wave: Wave) -> Any:
    try:
        on = CompletionForm().load(typed()).completed_on
        _check_day(on)
        with current_context().unit() as unit:
            handlers.complete_wave(unit, id, wave.code, on)
    except ValidationError as error:
        return _completion_page(pseudonym, wave, parts_of(typed()), errors_for_people(error)), 422
    except WaveTooEarly:
        return _completion_page(pseudonym, wave, parts_of(typed()), _too_early(wave)), 422
    flash(t(_("The wave is noted as completed.")), "success")
    return see(f"/evaluation/participants/{pseudonym}")


def _check_day(on: date) -> None:
    if on > _today():
        raise ValidationError({"completed_on": [_("This day is still to come.")]})


def _too_early(wave: Wave) -> dict[str, list[str]]:
    earliest = format_date(wave.due_on - EARLIEST)
    return {"completed_on": [t(_("This wave can be completed from %(day)s on."), day=earliest)]}


def _completion_page(pseudonym: str, wave: Wave, value: Any, errors: dict[str, list[str]] | None = None) -> str:
    return render_template(
        "evaluation/completion.html", pseudonym=pseudonym, wave=wave, value=value, errors=errors or {}
    )


def _listed(found: Any, page: int) -> dict[str, Any]:
    """A page of a list and the addresses of those before and after it; `found` may hold one line more."""
    return {
        "found": found[: queries.PAGE],
        "previous": f"?page={page - 1}" if page > 1 else None,
        "next": f"?page={page + 1}" if len(found) > queries.PAGE else None,
    }


def _today() -> date:
    return current_context().clock.now().astimezone(ZURICH).date()
