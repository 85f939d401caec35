"""The waiting list with its reasons, the statuses of a region, and figures for the canton."""

from typing import Any

from flask import Blueprint, abort, render_template

from chassis.web import audited, current_context, page_asked, requires, shows
from contracts.people import ADMINISTRATOR, OSEO, PARTNER, SAS
from services.placement import queries
from services.placement.domain import SEATS, SMALLEST_SHOWN, suppress
from services.placement.web import words
from services.placement.web.contacts import urgency_reason_of
from services.placement.web.groups import own_region

blueprint = Blueprint("lists", __name__, url_prefix="/placement")

_IN_SEATS = [state.value for state in SEATS]  #: their sum is known of a full group


@blueprint.get("/waiting/<region>/<language>")
@audited("referral", lists=True)
@requires(OSEO)
def waiting(region: str, language: str) -> str:
    """The order and its reasons; no names, since these people are not the host's yet."""
    page = page_asked()
    with current_context().reading() as session:
        found = queries.waiting_list(session, region, language) or abort(404)
        line = queries.in_line(session, found, page)
        passed_over = queries.passed_over(session, found)
        groups = [group for group in queries.groups(session, region) if group.language == language]
    shows(*(each.reference for each in (*(each for each, _standing in line[: queries.PAGE]), *passed_over)))
    opener = current_context().opener
    rows = [(each, standing, urgency_reason_of(each, opener)) for each, standing in line[: queries.PAGE]]
    return render_template(
        "placement/waiting.html",
        list=found,
        rows=rows,
        passed_over=passed_over,
        why=words.WHY_WAITING[queries.why_waiting(groups)],
        **_neighbours(page, len(line)),
    )


@blueprint.get("/statuses")
@audited("referral", lists=True)
@requires(PARTNER)
def statuses() -> str:
    """Counts and statuses of the partner's region, by reference and without names."""
    region, page = str(own_region()), page_asked()
    with current_context().reading() as session:
        counts = queries.counts(session, region).get(region, {})
        found = queries.statuses(session, region, page)
    shows(*(each.reference for each in found[: queries.PAGE]))
    return render_template(
        "placement/statuses.html",
        region=region,
        counts=counts,
        found=found[: queries.PAGE],
        **_neighbours(page, len(found)),
    )


@blueprint.get("/figures")
@requires(SAS, OSEO, ADMINISTRATOR)
def figures() -> str:
    """Figures by region; counts so small that they could tell of somebody are left out."""
    with current_context().reading() as session:
        counts, groups = queries.counts(session), queries.groups(session)
    rows = {region: suppress(of_region, linked=_IN_SEATS) for region, of_region in counts.items()}
    places = {region: sum(group.capacity for group in groups if group.region == region) for region in rows}
    return render_template("placement/figures.html", rows=rows, places=places, smallest=SMALLEST_SHOWN)


def _neighbours(page: int, found: int) -> dict[str, Any]:
    """Addresses of the pages before and after."""
    return {
        "previous": f"?page={page - 1}" if page > 1 else None,
        "next": f"?page={page + 1}" if found > queries.PAGE else None,
    }
