"""A referral on paper: a PDF for the CMS's own files."""

from typing import Any

from flask import Blueprint, Response

from chassis.i18n import format_date, format_datetime
from chassis.i18n import mark as _
from chassis.web import audited, current_context, current_language, t
from services.referral import queries
from services.referral.queries import wording
from services.referral.web import papers, shown, tasks
from services.referral.web.opening import Answer, for_cms, opened_story

blueprint = Blueprint("documents", __name__, url_prefix="/referrals")


@blueprint.get("/<reference>/file")
@audited("referral", "file")
@for_cms
def file(reference: str) -> Answer:
    """Named by its reference alone: no name of a person gets into a folder's listing or a history."""
    story = opened_story(reference)
    made = papers.typeset(_contents(story))
    headers = {"Content-Disposition": f'attachment; filename="{story.referral.reference}.pdf"'}
    return Response(made, mimetype="application/pdf", headers=headers)


def _contents(story: queries.Story) -> dict[str, Any]:
    referral, now = story.referral, current_context().clock.now()
    answers = referral.application
    return {
        "title": t(_("Referral %(reference)s"), reference=referral.reference),
        "reference": referral.reference,
        "language": current_language(),
        "confidential": t(_("Confidential")),
        "person": f"{answers.given_name} {answers.family_name}, {format_date(answers.birth_date)}",
        "state": t(wording.STATES[referral.state][0]),
        "standing": wording.standing(referral, t),
        "footer": t(_("Printed from Ancrage on %(when)s"), when=format_datetime(now)),
        "parts": [*_criteria(story), *_answers(story), _timeline(story)],
    }


def _criteria(story: queries.Story) -> list[dict[str, Any]]:
    assessment = story.referral.assessment
    if assessment is None:
        return []
    rows = [
        (
            wording.criterion_name(criterion.code, t),
            f"{t(shown.RESULTS[criterion.result][0])}. {wording.criterion_reason(criterion, t)}",
        )
        for criterion in assessment.criteria
    ]
    return [{"title": t(_("All criteria")), "rows": rows}]


def _answers(story: queries.Story) -> list[dict[str, Any]]:
    number = current_context().cipher.open(story.referral.avs_sealed)
    return [
        {"title": tasks.section_name(section), "rows": [(row["key"], row["value"] or "–") for row in rows]}
        for section, rows in shown.answers_by_section(story.referral.application, number)
    ]


def _timeline(story: queries.Story) -> dict[str, Any]:
    rows = [(format_datetime(each["at"]), each["title"]) for each in shown.happened(story)]
    return {"title": t(_("What has happened")), "rows": rows}
