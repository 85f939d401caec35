"""The console, in the middle of trouble: what failed is seen, tried again or given up, and what waited goes on."""

from collections.abc import Callable

import httpx
import pytest

from tests.browser.people import secrets_of, somebody
from tests.browser.scenery import publish, status
from tests.browser.site import OPERATOR, Site
from tests.browser.visit import Visit
from tests.system import until

Begin = Callable[..., Visit]


def next_reference(api: httpx.Client) -> str:
    """The reference that comes after the one of somebody who is referred for it."""
    year, number = api.post("/api/referrals", json=somebody()).json()["reference"].rsplit("-", 1)
    return f"{year}-{int(number) + 1:06d}"


def failing(window: Visit, reference: str, state: str = "parked") -> set[str]:
    """The services with a failure about a referral in that state."""
    rows = window.open(f"/console/failures/?state={state}").rows()
    return {row[0].split("/")[0] for row in rows if row[3] == reference}


def decide(window: Visit, reference: str, service: str, **decision: str) -> Visit:
    """What is to become of the parked one."""
    window.open("/console/failures/?state=parked")
    row = window.page.locator("main tbody tr", has_text=reference).filter(has_text=f"{service}/")
    number = str(row.locator("a").first.get_attribute("href"))
    return window.open(number).fill(**decision).send()


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_a_parked_message_is_tried_again_then_discarded_and_its_referral_goes_on(
    visit: Begin, site: Site, javascript: bool
) -> None:
    body = somebody()
    with site.api() as api:
        reference = next_reference(api)
        publish(site, "referral.accepted.v1", reference, {"region": 3})
        window = visit(OPERATOR, javascript=javascript, about=[body])
        until(lambda: failing(window, reference) == {"placement", "notification"})
        assert api.post("/api/referrals", json=body).json()["reference"] == reference
        until(lambda: status(api, reference) == "accepted")
        until(lambda: failing(window, reference, "waiting") == {"placement", "notification"})
        decide(window, reference, "placement", action="retry", why="Programme corrigé, à essayer.")
        assert "Programme corrigé, à essayer." in window.text()
        until(lambda: failing(window, reference) == {"placement", "notification"})
        for service in ("placement", "notification"):
            decide(window, reference, service, action="discard", why="Message faux.")
            assert "Écarté" in window.tags()
        until(lambda: status(api, reference) == "placed")
    assert [each for each in secrets_of(body) if each in window.page.content()] == []


def test_a_decision_without_a_reason_is_not_taken(visit: Begin, site: Site) -> None:
    publish(site, "referral.accepted.v1", "ISA-2026-800001", {"region": 3})
    window = visit(OPERATOR)
    until(lambda: "placement" in failing(window, "ISA-2026-800001"))
    decide(window, "ISA-2026-800001", "placement", action="discard")
    assert window.errors() == ["Dites pourquoi : la raison est conservée avec votre nom."]
    assert window.typed()["action"] == ["discard"]
    assert "placement" in failing(window, "ISA-2026-800001")


def test_the_console_shows_every_service_and_the_way_of_a_referral(visit: Begin, site: Site) -> None:
    body = somebody()
    with site.api() as api:
        reference = api.post("/api/referrals", json=body).json()["reference"]
        until(lambda: status(api, reference) == "placed")
    window = visit(OPERATOR, about=[body]).open("/")
    rows = {row[0]: row[1] for row in window.rows()}
    assert rows == dict.fromkeys(
        ("Signalements", "Attribution des places", "Évaluation", "Messages", "Comptes"), "Prêt"
    )
    window.open("/console/trace/").fill(reference=reference.lower()).follow("main form button")
    events = [row[1] for row in window.rows()]
    assert events[:3] == ["referral.submitted.v1", "referral.accepted.v1", "placement.placed.v1"]
    assert [each for each in secrets_of(body) if each in window.page.content()] == []
