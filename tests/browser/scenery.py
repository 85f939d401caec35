"""A site in the middle of its life: every state that a page can show, brought about as people bring it about."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

from ancrage import house
from ancrage.demonstration import rows
from chassis.clock import uuid7
from chassis.envelope import Envelope
from chassis.store import outbox
from contracts.referral import ReferralErasureAnnounced
from services.referral.domain import AnnouncedErasure
from services.referral.domain.erasure import NOTICE
from tests.browser.desk import begin
from tests.browser.people import AREAS, somebody
from tests.browser.site import ADMINISTRATOR, CMS_SION, HES_SO, OSEO, Clerk, Site
from tests.system import until

_SETTLED = {"placed", "offered", "waitlisted", "ineligible", "information_needed"}
_SION, _BAS_VALAIS = "oseo-sion", "oseo-bas-valais"


def furnish(site: Site) -> list[dict[str, Any]]:
    """Sends all referrals of the demonstration, then lets everybody do a little of their work; whom it was about."""
    with site.api() as api:
        sent = [*_send(api, rows.from_file()), *_offered(site, api)]
        with site.clerk(OSEO) as host, site.clerk(CMS_SION) as worker, site.clerk(ADMINISTRATOR) as keeper:
            keep_accounts(keeper)
            _receive(host)
            _withdraw(worker)
            sent += _lose_a_message(keeper, api)
            site.drafts, drafted = _draft(worker, sent)
            _announce_erasure(site, worker)
        break_something(site)
        _answer(site)
    return [*sent, *drafted]


def _draft(worker: Clerk, sent: Sequence[dict[str, Any]]) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Drafts in several states, by name, and those whom they are about besides the people `sent`."""
    whole, begun, alike = somebody(), somebody(), somebody()
    here = next(body for body in sent if body["cms_area"] == AREAS["sion"] and body["agrees"] == "yes")
    elsewhere = next(body for body in sent[::-1] if body["cms_area"] == AREAS["bas-valais"] and _is_eligible(body))
    over = next(body for body in sent if body["cms_area"] == AREAS["sion"] and body["social_assistance"] == "no")
    alike |= {name: here[name] for name in ("family_name", "given_name", "birth_date")}
    drafts = {
        "complete": begin(worker, whole, ("contact", "situation", "needs", "consent")),
        "begun": begin(worker, begun, ("needs",)),
        "known-here": begin(worker, here),
        "known-elsewhere": begin(worker, elsewhere),
        "known-earlier": begin(worker, over),
        "known-alike": begin(worker, alike),
    }
    return drafts, [whole, begun, alike]


def _is_eligible(body: dict[str, Any]) -> bool:
    return body["social_assistance"] == body["agrees"] == "yes" and body["other_measure"] == "no"


def _send(api: httpx.Client, bodies: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    answers = [api.post("/api/referrals", json=body) for body in bodies]
    _settle(api, [answer.json()["reference"] for answer in answers if answer.status_code == 201])
    return list(bodies)


def _settle(api: httpx.Client, references: Sequence[str]) -> None:
    for reference in references:
        until(lambda: status(api, reference) in _SETTLED)  # noqa: B023  # called before the next round


def status(api: httpx.Client, reference: str) -> str:
    told: str = api.get(f"/api/referrals/{reference}").json()["status"]
    return told


def _offered(site: Site, api: httpx.Client) -> list[dict[str, Any]]:
    """The group of Bas-Valais offers its last two places; one offer is declined."""
    with site.clerk(OSEO) as host:
        change_group(host, _BAS_VALAIS, name="OSEO Bas-Valais", mode="offer")
        sent = _send(api, [somebody("bas-valais"), somebody("bas-valais", evaluation_consent="no")])
        offered = [each for each in people_in(host, _BAS_VALAIS) if "/accept" in host.get(each).text]
        host.send(f"{offered[-1]}/decline", reason="timetable")
    return sent


def change_group(host: Clerk, code: str, **changes: Any) -> None:
    usual = {"capacity": "15", "is_open": "yes", "mode": "automatic", "offer_days": "7"}
    host.send(f"/placement/groups/{code}/settings", **usual | changes)


def people_in(host: Clerk, group: str) -> list[str]:
    """Addresses of the people in a group's roster."""
    return host.links(f"/placement/groups/{group}", '/placement/participants/ISA-[^/"]+')


def on(day: date, name: str = "on") -> dict[str, str]:
    """A day as a form of three fields sends it."""
    return {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}


def _receive(host: Clerk) -> None:
    """In Sion four come, of whom one pauses and one leaves again, whose place goes to the first who waits."""
    today = datetime.now(UTC).date()
    for number, person in enumerate(people_in(host, _SION)[:4]):
        host.send(f"{person}/start", **on(today))
        if number == 1:
            host.send(f"{person}/pause", reason="health", **on(today))
        if number == 2:
            host.send(f"{person}/end", reason="found_work", **on(today))


def _withdraw(worker: Clerk) -> None:
    (first, *_others) = worker.links("/referrals/?state=waitlisted", '/referrals/ISA-[^/"]+')
    worker.send(f"{first}/withdraw", reason="other_solution", note="")


def _announce_erasure(site: Site, worker: Clerk) -> None:
    """The referral withdrawn is as old as those that go soon: what the schedule of each night does with them."""
    (path,) = worker.links("/referrals/?state=withdrawn", '/referrals/ISA-[^/"]+')
    context = house.wire("referral", site.settings)
    with context.unit() as unit:
        announced = AnnouncedErasure(path.split("/")[-1], AREAS["sion"], unit.today + NOTICE, unit.now)
        unit.erasing.announce([announced])
        unit.emit(ReferralErasureAnnounced(reference=announced.reference, cms_area=AREAS["sion"], on=announced.on))
    context.store.dispose()


def keep_accounts(keeper: Clerk) -> None:
    """Somebody who has not signed in yet, and somebody who may no longer."""
    new = {"name": "Éric Produit", "role": "oseo", "language": "fr"}
    for email in ("eric.produit@oseo.example", "ancien@oseo.example"):
        keeper.send("/account/people/new", **new, email=email)
    everybody = keeper.links("/account/people/", "/account/people/[0-9a-f-]{36}")
    (gone,) = (each for each in everybody if "ancien@" in keeper.get(each).text)
    keeper.send(f"{gone}/disable")


def _lose_a_message(keeper: Clerk, api: httpx.Client) -> list[dict[str, Any]]:
    """A message to an address that no mail can carry."""
    usual = {"language": "fr", "told_of": ["referral.rejected.v1"]}
    partner = "/messages/partners/cms-martigny-entremont"
    keeper.send(partner, email="fermé@cms-martigny.example", **usual)
    sent = _send(api, [somebody("bas-valais", social_assistance="no")])
    until(lambda: "/retry" in keeper.get("/messages/deliveries/?state=failed").text)
    keeper.send(partner, email="ancrage@cms-martigny.example", **usual)
    return sent


def _answer(site: Site) -> None:
    """HES-SO notes one wave as completed; a message is read."""
    with site.clerk(HES_SO) as evaluator:
        (first, *_others) = until(lambda: evaluator.links("/evaluation/", '/evaluation/participations/[^"]+'))
        evaluator.send(first, **on(datetime.now(UTC).date(), "completed_on"))


def break_something(site: Site) -> str:
    """A message against its schema goes out of referral; placement parks it. The reference that it is about."""
    reference = "ISA-2026-900001"
    publish(site, "referral.accepted.v1", reference, {"region": 3})
    return reference


@contextmanager
def held(site: Site, service: str) -> Iterator[None]:
    """Nobody else writes to a service's store meanwhile."""
    store = house.wire(service, site.settings).store
    with store.writing() as session:
        session.connection()
        yield
    store.dispose()


def publish(site: Site, type: str, reference: str, data: dict[str, Any]) -> str:
    """Puts an event into referral's outbox by hand, as a program that went wrong would; its id."""
    context = house.wire("referral", site.settings)
    now, id = datetime.now(UTC) - timedelta(seconds=1), uuid7()
    envelope = Envelope(
        id=id, source="referral", type=type, subject=reference, time=now, data=data, correlationid=id, causationid=None
    )
    row = {"event_id": id, "type": type, "subject": reference, "body": envelope.encode(), "created_at": now}
    with context.store.writing() as session:
        session.execute(outbox.insert().values(row))
    context.store.dispose()
    return id
