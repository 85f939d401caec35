"""The desk of a CMS: how a draft comes about, page by page in a browser, or over HTTP where nobody looks."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from services.referral.forms import SECTIONS
from tests.browser.people import as_typed
from tests.browser.site import Clerk, errors_in
from tests.browser.visit import Visit

DRAFT = "/referrals/drafts/[0-9a-f-]{36}"
SEE = "main a[href^='/referrals/ISA-']:not([href$='/file'])"


def fill_section(window: Visit, section: str, body: Mapping[str, Any]) -> Visit:
    """Types what a page asks for, each question before the reason that it may ask for."""
    typed = as_typed(dict(body))
    return window.fill(**{name: typed[name] for name in SECTIONS[section] if name in typed})


def fill_all(window: Visit, body: Mapping[str, Any]) -> Visit:
    """From the first page to the check of the answers."""
    window.open("/referrals/new")
    fill_section(window, "identity", body).send()
    for _page in SECTIONS:
        section = window.path().rpartition("/")[2]
        if section == "check":
            break
        fill_section(window, section, body).send()
    assert window.path().endswith("/check"), (window.path(), window.errors())
    return window


def refer(window: Visit, body: Mapping[str, Any]) -> Visit:
    """Refers somebody as a program does, and goes to the page of the referral, which does not load itself again."""
    with window.site.api() as api:
        answer = api.post("/api/referrals", json=dict(body))
    assert answer.status_code == 201, answer.text
    return window.open(f"/referrals/{answer.json()['reference']}?still=1")


def begin(clerk: Clerk, body: Mapping[str, Any], sections: Sequence[str] = ()) -> str:
    """A draft with its identity and these sections filled in; its address."""
    answer = clerk.client.post("/referrals/new", data=_part("identity", body) | clerk.token)
    draft = re.match(DRAFT, answer.headers.get("Location", ""))
    assert draft, errors_in(answer.text)
    for section in sections:
        clerk.send(f"{draft[0]}/{section}", **_part(section, body))
    return draft[0]


def _part(section: str, body: Mapping[str, Any]) -> dict[str, Any]:
    typed = as_typed(dict(body))
    return {name: typed[name] for name in SECTIONS[section] if name in typed}
