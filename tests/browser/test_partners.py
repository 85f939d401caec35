"""What each partner sees and does with a referral, from its place to its end."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from chassis.i18n import format_phone
from tests.browser.people import secrets_of, somebody
from tests.browser.scenery import change_group, status
from tests.browser.site import CMS_MARTIGNY, CMS_SION, HES_SO, OSEO, SAS, VILLE, Site
from tests.browser.visit import Visit
from tests.system import until

Begin = Callable[..., Visit]
Body = dict[str, Any]


@pytest.fixture(scope="module")
def api(site: Site) -> Iterator[httpx.Client]:
    with site.api() as client:
        yield client


def send(api: httpx.Client, body: Body, expected: str = "placed") -> str:
    """Refers somebody and waits for the outcome; the reference."""
    answer = api.post("/api/referrals", json=body)
    assert answer.status_code == 201, answer.text
    reference: str = answer.json()["reference"]
    until(lambda: status(api, reference) == expected)
    return reference


def read(window: Visit, reference: str) -> Visit:
    """The referral's page, as it stands, without loading itself again."""
    return window.open(f"/referrals/{reference}?still=1")


@pytest.fixture(scope="module")
def placed(api: httpx.Client) -> tuple[str, Body]:
    """Somebody with a place in Sion, and the reference."""
    body = somebody()
    return send(api, body), body


def test_the_host_sees_whom_it_receives_and_notes_the_first_day_and_the_end(
    visit: Begin, placed: tuple[str, Body]
) -> None:
    reference, body = placed
    name = f"{body['given_name']} {body['family_name']}"
    window = visit(OSEO, about=[body]).open("/").follow("main a[href='/placement/groups/oseo-sion']")
    (row,) = [row for row in window.rows() if name in row[0] and format_phone(body["phone"]) in row[0]]
    assert "Place attribuée" in row[5]
    window.follow(f"main a[href$='{reference}']")
    text = window.text()
    assert format_phone(body["phone"]) in text
    assert all(body[each] in text for each in ("email", "street", "constraints"))
    assert body["avs_number"] not in text
    assert body["employment_reason"] not in text
    window.follow("main a[href$='/start']").send()
    assert "En cours" in window.tags()
    window.follow("main a[href$='/end']").fill(reason="planned").send()
    assert "Terminé" in window.tags()
    assert window.heading() == reference, "who has left has no name here any more"


def test_the_social_worker_reads_what_the_host_has_noted(visit: Begin, placed: tuple[str, Body]) -> None:
    reference, body = placed
    window = visit(CMS_SION, about=[body])
    until(lambda: "La participation s’est terminée comme prévu" in read(window, reference).text())
    assert "La personne est venue pour la première fois" in window.text()
    assert window.tags()[0] == "Terminé"


def test_a_place_freed_by_a_withdrawal_goes_to_the_first_who_waits(visit: Begin, site: Site, api: httpx.Client) -> None:
    people = [somebody("bas-valais") for _each in range(3)]
    leaving = send(api, people[0])
    with site.clerk(OSEO) as host:
        change_group(host, "oseo-bas-valais", name="OSEO Bas-Valais", capacity="1")
    first, second = (send(api, body, "waitlisted") for body in people[1:])
    window = visit(CMS_MARTIGNY, about=people).open(f"/referrals/{leaving}?still=1")
    window.follow("main a[href$='/withdraw']").fill(reason="moved_away", note="Part vivre à Genève.").send()
    assert "Retiré" in window.tags()
    until(lambda: status(api, first) == "placed")
    assert read(window, first).timeline()[2:4] == [
        "Aucune place n’était libre : la personne a été inscrite sur la liste d’attente, au rang 1.",
        "L’OSEO Valais a attribué une place dans le groupe OSEO Bas-Valais.",
    ]
    until(lambda: "L’OSEO Valais a libéré la place." in read(window, leaving).text())
    assert "au rang 1" in read(window, second).text()
    told = {row[0] for row in read(window, leaving).rows() if "terminée" in row[1]}
    assert "OSEO Valais" in told


def test_the_evaluator_sees_a_pseudonym_and_never_a_person(visit: Begin, api: httpx.Client, site: Site) -> None:
    body = somebody(birth_date="1971-05-09")
    send(api, body)
    window = visit(HES_SO, about=[body])
    rows = until(lambda: [row for row in window.open("/evaluation/participants/").rows() if row[1] == "1971"])
    pseudonym = rows[0][0]
    assert pseudonym.startswith("P-")
    window.follow(f"main a[href$='{pseudonym}']")
    seen = window.page.content() + window.open("/evaluation/participants/").page.content()
    assert [each for each in secrets_of(body) if each in seen] == []
    assert "ISA-2026-" not in seen


def test_the_evaluator_notes_an_interview_as_done(visit: Begin, api: httpx.Client) -> None:
    send(api, somebody())
    window = visit(HES_SO)
    until(lambda: window.open("/evaluation/").page.locator("main td a[href$='/completion']").count())
    window.follow("main td a[href$='/completion']").send()
    assert "La vague est notée comme terminée." in window.text()


def test_the_city_sees_counts_and_statuses_of_its_region_without_names(
    visit: Begin, api: httpx.Client, site: Site
) -> None:
    here, elsewhere = somebody(), somebody("bas-valais")
    reference = send(api, here)
    other = api.post("/api/referrals", json=elsewhere).json()["reference"]
    window = visit(VILLE, about=[here, elsewhere])
    references = {row[0] for row in window.open("/placement/statuses").rows()}
    assert reference in references
    assert other not in references
    seen = window.page.content() + window.open("/placement/").page.content()
    assert "OSEO Sion" in seen
    assert "OSEO Bas-Valais" not in seen
    assert [each for each in secrets_of(here) if each in seen] == []
    with site.clerk(VILLE) as city:
        assert city.get("/placement/groups/oseo-sion").status_code == 403
        assert city.get(f"/placement/participants/{reference}").status_code == 403


def test_the_canton_sees_figures_and_no_referral(visit: Begin, api: httpx.Client) -> None:
    body = somebody()
    send(api, body)
    window = visit(SAS, about=[body])
    rows = {row[0]: row[1:] for row in window.open("/placement/figures").rows()}
    assert rows.keys() >= {"Sion", "Bas-Valais"}
    seen = window.page.content()
    (first, *_others) = until(lambda: window.open("/messages/").page.locator("main td a").all())
    assert first
    seen += window.page.content() + window.follow("main td a").page.content()
    assert "ISA-2026-" not in seen
    assert [each for each in secrets_of(body) if each in seen] == []


def test_another_cms_finds_nothing_of_the_referral(visit: Begin, api: httpx.Client) -> None:
    body = somebody()
    reference = send(api, body)
    window = visit(CMS_MARTIGNY, about=[body]).open(f"/referrals/{reference}")
    assert window.heading() == "Cette page n’existe pas"
    window.open("/referrals/").fill(search=reference).follow("main form[method=post] button")
    assert reference not in {row[0] for row in window.rows()}


def test_the_first_day_cannot_lie_ahead(visit: Begin, api: httpx.Client, site: Site) -> None:
    reference = send(api, somebody())
    window = visit(OSEO).open(f"/placement/participants/{reference}/start")
    window.fill(**{"on-day": "31", "on-month": "12", "on-year": "2099"}).send()
    assert window.errors() == ["Ce jour est encore à venir."]
    assert window.typed()["on-year"] == "2099"
