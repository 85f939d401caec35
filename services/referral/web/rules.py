"""The rules of eligibility: their versions, what a new one would change, and from when it holds."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from marshmallow import ValidationError

from chassis.i18n import format_date
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
from contracts.people import ADMINISTRATOR
from contracts.vocabulary import REGIONS
from services.referral.domain import WAIVABLE, Outcome, Rules, local_day
from services.referral.domain.rules import Change, Proposal, ProposalNotFound, ProposalSettled, RulesDayTaken
from services.referral.forms.rules import AdoptionForm, RulesForm
from services.referral.handlers import ruling
from services.referral.queries import rules, wording
from services.referral.queries.wording.names import region_name

blueprint = Blueprint("rules", __name__, url_prefix="/referrals/rules")

OUTCOMES = {
    Outcome.ELIGIBLE: _("eligible"),
    Outcome.INFORMATION_NEEDED: _("information needed"),
    Outcome.INELIGIBLE: _("not eligible"),
}
LONGEST = 40  #: changes of a kind that are listed one by one: the page stays below 100 KB
_LISTS = ("open_regions", "required_criteria")


@blueprint.errorhandler(ProposalNotFound)
def _not_found(_error: ProposalNotFound) -> Any:
    return error_page(404)


@blueprint.errorhandler(ProposalSettled)
def _settled(_error: ProposalSettled) -> Any:
    return error_page(409)


@blueprint.get("/")
@requires(ADMINISTRATOR)
def versions() -> Any:
    with current_context().reading() as session:
        known, proposals = rules.list_versions(session), rules.open_proposals(session)
    today = local_day(current_context().clock.now())
    return render_template(
        "referral/rules.html",
        versions=[(version, described(version), _standing(version, known, today)) for version in known],
        proposals=proposals,
    )


@blueprint.route("/new", methods=["GET", "POST"])
@audited("rules", "propose")
@requires(ADMINISTRATOR)
def propose() -> Any:
    if not submitted():
        return _form(typed(lists=_LISTS) if request.form else _present())
    values = typed(lists=_LISTS)
    try:
        command = RulesForm().load(filled(values))
    except ValidationError as error:
        return _form(values, errors_for_people(error, _labels())), 422
    with current_context().unit() as unit:
        proposal = ruling.propose_rules(unit, command, signed_in_person().id)
        shows(proposal.id)
    return see(url_for(".trial", id=proposal.id))


@blueprint.get("/proposals/<uuid:id>")
@audited("rules")
@requires(ADMINISTRATOR)
def trial(id: Any) -> Any:
    shows(str(id))
    return _trial(str(id))


@blueprint.post("/proposals/<uuid:id>/adopt")
@audited("rules", "adopt")
@requires(ADMINISTRATOR)
def adopt(id: Any) -> Any:
    shows(str(id))
    values, today = typed(), local_day(current_context().clock.now())
    try:
        day = AdoptionForm(today).load(filled(values))
        with current_context().unit() as unit:
            version = ruling.adopt_rules(unit, str(id), day, signed_in_person().id)
    except ValidationError as error:
        return _trial(str(id), values, errors_for_people(error)), 422
    except RulesDayTaken:
        said = t(_("Another version takes effect on this day. Choose another day."))
        return _trial(str(id), values, {"valid_from": [said]}), 422
    flash(t(_("Version %(version)s holds from %(day)s.", version=version.version, day=format_date(day))), "success")
    return see(url_for(".versions"))


@blueprint.post("/proposals/<uuid:id>/drop")
@audited("rules", "drop")
@requires(ADMINISTRATOR)
def drop(id: Any) -> Any:
    shows(str(id))
    with current_context().unit() as unit:
        ruling.drop_proposal(unit, str(id))
    flash(t(_("The proposal was dropped. Nothing has changed.")), "success")
    return see(url_for(".versions"))


def described(version: Rules | Proposal) -> list[tuple[str, str | list[str]]]:
    """A version as rows of key and value."""
    labels = _labels()
    return [
        (labels["minimum_age"], str(version.minimum_age)),
        (labels["reference_age"], str(version.reference_age)),
        (labels["open_regions"], ", ".join(region_name(region, t) for region in version.open_regions)),
        (labels["required_criteria"], _names(code for code in WAIVABLE if code not in version.waived)),
    ]


def _trial(id: str, values: Mapping[str, Any] | None = None, errors: Mapping[str, Any] | None = None) -> str:
    context = current_context()
    with context.reading() as session:
        proposal = rules.proposal_of(session, id)
        tried = rules.dry_run(session, proposal, context.clock.now())
    return render_template(
        "referral/rules_trial.html",
        proposal=proposal,
        described=described(proposal),
        tried=tried,
        by_cms=_by_cms,
        line=_line,
        longest=LONGEST,
        values=values or {"valid_from": format_date(local_day(context.clock.now()))},
        errors=errors or {},
    )


def _by_cms(changes: Iterable[Change]) -> list[tuple[str, int]]:
    """How many in each CMS, by its name."""
    counts = Counter(change.cms_area for change in changes)
    return sorted((wording.partner_name(f"cms-{area}", t), count) for area, count in counts.items())


def _line(change: Change) -> list[str | list[str]]:
    """A change in a table: which referral, of which CMS, from what to what, because of what."""
    return [
        change.reference,
        wording.partner_name(f"cms-{change.cms_area}", t),
        t(OUTCOMES[change.before]),
        t(OUTCOMES[change.after]),
        _names(change.criteria),
    ]


def _names(criteria: Iterable[str]) -> list[str]:
    return [wording.criterion_name(code, t) for code in criteria]


def _form(values: Mapping[str, Any], errors: Mapping[str, Any] | None = None) -> str:
    return render_template(
        "referral/rules_new.html",
        values=values,
        errors=errors or {},
        labels=_labels(),
        regions=[(region, region_name(region, t)) for region in REGIONS],
        criteria=[(code, wording.criterion_name(code, t)) for code in WAIVABLE],
    )


def _present() -> dict[str, Any]:
    """The form as it is first shown: what holds today."""
    today = local_day(current_context().clock.now())
    with current_context().reading() as session:
        known = [version for version in rules.list_versions(session) if version.valid_from <= today]
    if not known:
        return {"required_criteria": list(WAIVABLE)}
    return {
        "minimum_age": known[0].minimum_age,
        "reference_age": known[0].reference_age,
        "open_regions": list(known[0].open_regions),
        "required_criteria": [code for code in WAIVABLE if code not in known[0].waived],
    }


def _labels() -> dict[str, str]:
    return {
        "minimum_age": t(_("Lowest age")),
        "reference_age": t(_("Age from which one is too old")),
        "open_regions": t(_("Regions with an open programme")),
        "required_criteria": t(_("Criteria that have to be met")),
        "note": t(_("Why the rules are to change")),
        "valid_from": t(_("Holds from")),
    }


def _standing(version: Rules, known: Iterable[Rules], today: Any) -> tuple[str, str]:
    """Whether a version is to come, holds now, or has been followed by another; and the colour of its tag."""
    if version.valid_from > today:
        return t(_("To come")), "blue"
    holds = max((each for each in known if each.valid_from <= today), key=lambda each: each.valid_from)
    return (t(_("In force")), "green") if version == holds else (t(_("Over")), "grey")
