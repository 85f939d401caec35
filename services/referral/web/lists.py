"""The CMS's list: what needs attention first, drafts, and referrals by where they stand."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request

from chassis.crypto import CannotOpen
from chassis.i18n import format_date
from chassis.web import audited, current_context, page_asked, see, shows, submitted, t
from services.referral import queries
from services.referral.domain import State
from services.referral.forms import problems
from services.referral.queries import wording
from services.referral.web import tasks
from services.referral.web.opening import Answer, for_cms, me, my_areas, today

blueprint = Blueprint("referrals", __name__, url_prefix="/referrals")

_DRAFTS = "drafts"


@blueprint.route("/", methods=["GET", "POST"])
@audited("referral", lists=True)
@for_cms
def referrals() -> Answer:
    """The list. A search stands in the address sealed: one can go back to it, and it tells no name."""
    if submitted():
        shows()  # whom it found is noted with the page that follows
        return see(f"/referrals/?{_kept(search=_sealed(request.form.get('search', '').strip()[:100]))}")
    search = _searched()
    show = request.values.get("show", "")
    if show == _DRAFTS and not search:
        return _drafts()
    group = show if show in (*queries.GROUPS, queries.ERASED_SOON) else ""
    with current_context().reading() as session:
        hasher, areas = current_context().hasher, my_areas()
        found = queries.list_referrals(session, hasher, areas, _wanted(group, search))
        counts = queries.count_by_group(session, areas)
        first = not search and not any(request.args.values())
        open_ones = queries.waiting_for_answers(session, hasher, areas) if first else ()
        lost = queries.with_lost_messages(session, areas) if first else ()
        erased = queries.soon_erased(session, areas) if first else ()
    shows(*(row.reference for row in [*found.rows, *open_ones, *lost, *(row for row, _day in erased)]))
    return render_template(
        "referral/list.html",
        found=found,
        search=search,
        attention=[*_noted(open_ones, t(_OPEN)), *_noted(lost, t(_LOST)), *_leaving(erased)],
        groups=_groups(group, counts),
        group=group,
        kept=_kept(show=group, mine=request.args.get("mine"), state=request.args.get("state")),
        mine=bool(request.args.get("mine")),
    )


def _sealed(search: str) -> str:
    """For the address: only who searched can read it again."""
    return current_context().cipher.seal(f"{me()} {search}") if search else ""


def _searched() -> str:
    try:
        whose, _space, search = current_context().cipher.open(request.args.get("search", "")).partition(" ")
    except CannotOpen:
        return ""
    return search if whose == me() else ""


_OPEN = wording.NEEDS_ANSWERS
_LOST = wording.LOST_MESSAGE


def _wanted(group: str, search: str) -> queries.Filter:
    state = request.args.get("state", "")
    states = (State(state),) if state in set(State) else queries.GROUPS.get(group, ())
    return queries.Filter(
        states=states,
        by=me() if request.args.get("mine") else None,
        erased_soon=group == queries.ERASED_SOON,
        search=search,
        after=request.args.get("after"),
        before=request.args.get("before"),
    )


def _drafts() -> Answer:
    page = page_asked()
    mine = bool(request.args.get("mine"))
    with current_context().reading() as session:
        found = queries.list_drafts(session, my_areas(), page, me() if mine else None)
        counts = queries.count_by_group(session, my_areas())
    drafts = found[: queries.DRAFTS]
    shows(*(draft.id for draft in drafts))
    return render_template(
        "referral/drafts.html",
        drafts=[
            (
                draft,
                tasks.person_of(draft, "family_name", "given_name"),
                tasks.lacking(problems(draft.answers, today())),
            )
            for draft in drafts
        ],
        groups=_groups(_DRAFTS, counts),
        group=_DRAFTS,
        mine=mine,
        kept=_kept(show=_DRAFTS, mine=request.args.get("mine")),
        page=page,
        has_next=len(found) > queries.DRAFTS,
    )


def _groups(current: str, counts: queries.Counts) -> list[dict[str, Any]]:
    """The groups of the list as links, with how many lines each has."""
    all_ones = sum(counts.groups.values())
    lines = [("", t(wording.EVERYTHING), all_ones), (_DRAFTS, t(wording.DRAFTS), counts.drafts)]
    lines += [(name, t(wording.GROUPS[name]), counts.groups[name]) for name in queries.GROUPS]
    if counts.erased_soon or current == queries.ERASED_SOON:
        lines.append((queries.ERASED_SOON, t(wording.ERASED_SOON), counts.erased_soon))
    return [
        {"path": f"/referrals/?{_kept(show=name)}" if name else "/referrals/", "text": text, "count": count}
        | {"current": name == current}
        for name, text, count in lines
    ]


def _kept(**parts: str | None) -> str:
    return urlencode({name: value for name, value in parts.items() if value})


def _noted(rows: Any, why: str) -> list[dict[str, Any]]:
    return [{"reference": row.reference, "name": row.name, "why": why} for row in rows]


def _leaving(erased: Any) -> list[dict[str, Any]]:
    return [line for row, day in erased for line in _noted([row], t(wording.WILL_BE_ERASED, day=format_date(day)))]
