"""Who saw or changed what, out of what every service noted: one page, one file; for a head only the own CMS."""

import csv
import heapq
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import chain, islice
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, render_template, request, stream_with_context

from chassis.clock import read_instant
from chassis.days import read_day
from chassis.i18n import ZURICH
from chassis.i18n import mark as _
from chassis.web.forms import inert
from chassis.web.language import t
from chassis.web.session import requires, signed_in_person
from chassis.web.state import current_context
from console import views
from console.client import OperationsClient, ServiceDown
from console.deeds import ACCOUNT, ACTIONS, GLOBALS
from contracts.people import ADMINISTRATOR, CMS, HEAD

pages = Blueprint("audit", __name__, url_prefix="/audit")

PAGE = 50
AT_ONCE = 500  #: rows fetched at a time for a file
MOST = 20_000  #: rows in one file

Row = dict[str, Any]


@dataclass(frozen=True)
class Filter:
    """What is looked for, as it stands in the address; `errors` by field."""

    reference: str = ""
    account: str = ""
    action: str = ""
    since: str = ""
    until: str = ""
    after: str = ""

    @property
    def errors(self) -> dict[str, list[str]]:
        wrong = [name for name in ("since", "until") if getattr(self, name) and _day(getattr(self, name)) is None]
        return {name: [t(_("Write the date as day.month.year, for example 31.01.1980."))] for name in wrong}

    def asked(self, areas: Sequence[str] | None) -> dict[str, str]:
        """As the services are asked. The last day is a whole one."""
        plain = {name: getattr(self, name) for name in ("reference", "account", "action", "after")}
        asked = {name: value for name, value in plain.items() if value}
        if since := _day(self.since):
            asked["since"] = since.isoformat()
        if until := _day(self.until):
            asked["until"] = (until + timedelta(days=1)).isoformat()
        return asked | ({} if areas is None else {"areas": ",".join(areas)})

    def address(self, **changes: str) -> str:
        told = vars(replace(self, **changes))
        return "?" + urlencode({name: value for name, value in told.items() if value})


def keepers(view: Callable[..., Any]) -> Callable[..., Any]:
    """Administrators, and whoever leads a CMS."""

    def allowed(*args: Any, **kwargs: Any) -> Any:
        person = signed_in_person()
        if person.role == CMS and HEAD not in person.rights:
            abort(403)
        return view(*args, **kwargs)

    allowed.__name__ = view.__name__
    return requires(ADMINISTRATOR, CMS)(allowed)


@pages.get("/")
@keepers
def overview() -> Any:
    wanted = _filter()
    rows, unreachable = _read(wanted, PAGE + 1) if not wanted.errors else ([], [])
    page = render_template(
        "console/audit.html",
        rows=rows[:PAGE],
        names=_names(rows[:PAGE]),
        wanted=wanted,
        unreachable=unreachable,
        following=wanted.address(after=_place(rows[PAGE - 1])) if len(rows) > PAGE else None,
        actions=[(code, t(name)) for code, name in ACTIONS.items()],
        **GLOBALS,
        everybody=_areas() is None,
    )
    return page, 422 if wanted.errors else 200


@pages.get("/audit.csv")
@keepers
def export() -> Response:
    """The same as a file, sent as it is read. Where a service is away there is none, or it breaks off."""
    wanted = _filter()
    if wanted.errors:
        abort(422)
    rows = islice(_all(wanted), MOST)
    try:
        first = list(islice(rows, AT_ONCE))
    except ServiceDown:
        abort(503)
    answer = Response(stream_with_context(_as_csv(chain(first, rows))), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return answer


_COLUMNS = ("at", "account", "role", "organisation", "action", "detail", "kind", "references", "outcome", "service")


def _as_csv(rows: Iterator[Row]) -> Iterator[str]:
    """Piece by piece."""
    lines = chain([_COLUMNS], map(_cells, rows))
    while piece := list(islice(lines, AT_ONCE)):
        file = io.StringIO()
        csv.writer(file).writerows(piece)
        yield file.getvalue()


def _cells(row: Row) -> list[Any]:
    told = row | {"references": " ".join(row["references"])}
    return [inert(told[name]) for name in _COLUMNS]


def _read(wanted: Filter, limit: int) -> tuple[list[Row], list[str]]:
    """Rows of all services in one order, the newest first, and the services that did not answer."""
    asked = wanted.asked(_areas()) | {"limit": str(limit)}
    answers = current_context().ask_all(lambda client: client.audit(asked))
    rows = [row for answer in answers.values() if not isinstance(answer, ServiceDown) for row in answer]
    return sorted(rows, key=_order)[:limit], views.unreachable(answers)


def _all(wanted: Filter) -> Iterator[Row]:
    """Rows of all services in one order, each service asked as its rows are used up. Raises ServiceDown."""
    asked = wanted.asked(_areas()) | {"limit": str(AT_ONCE)}
    return heapq.merge(*(_all_of(client, asked) for client in current_context().clients.values()), key=_order)


def _all_of(client: OperationsClient, asked: dict[str, str]) -> Iterator[Row]:
    while True:
        rows = client.audit(asked)
        yield from rows
        if len(rows) < AT_ONCE:
            return
        asked = asked | {"after": _place(rows[-1])}


def _order(row: Row) -> tuple[float, str, int]:
    return -datetime.fromisoformat(row["at"]).timestamp(), row["service"], -row["id"]


def _place(row: Row) -> str:
    return f"{row['at']},{row['service']},{row['id']}"


def _known_place(text: str) -> str:
    """What `_place` wrote; anything else begins at the beginning."""
    try:
        at, _service, id = text.split(",")
        read_instant(at)
        return text if 0 < int(id) < 2**63 else ""
    except ValueError:
        return ""


def _names(rows: Sequence[Row]) -> dict[str, str]:
    """Names of those who have an account, those who did something and those to whom it was done."""
    done_to = {each for row in rows if row["kind"] == ACCOUNT for each in row["references"]}
    accounts = sorted({row["account"] for row in rows} | done_to)
    try:
        return current_context().clients["identity"].names(accounts) if accounts else {}
    except ServiceDown:
        return {}


def _areas() -> Sequence[str] | None:
    """Whose referrals may be asked about; None: everybody's."""
    person = signed_in_person()
    return None if person.role == ADMINISTRATOR else person.areas


def _filter() -> Filter:
    told = {name: request.args.get(name, "").strip()[:100] for name in Filter.__dataclass_fields__}
    return Filter(**told | {"reference": told["reference"].upper(), "after": _known_place(told["after"])})


def _day(text: str) -> datetime | None:
    """Midnight in Switzerland of a day as people write it, of a year that anything can have happened in."""
    try:
        day = read_day(text)
    except ValueError:
        return None
    return datetime.combine(day, time(), ZURICH) if 1900 < day.year < 3000 else None
