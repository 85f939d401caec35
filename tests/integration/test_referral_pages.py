"""The pages of the CMS, without JavaScript: list, a referral's page, correction, withdrawal, file."""

import html
import re
from dataclasses import replace

import pytest
import structlog

from chassis.crypto import Opener
from contracts.notification import NotificationDelivered, NotificationFailed
from contracts.placement import PlacementEnded, PlacementPaused, PlacementPlaced, PlacementStarted
from contracts.referral import ReferralConsentWithdrawn, ReferralContactCorrected, ReferralCostsReported
from services.referral.domain import CORRECTABLE
from tests.desk import Visitor, value_of
from tests.happenings import happened
from tests.unit.referral.answers import AREA, NUMBERS, SOCIAL_WORKER, typed

PERSONAL = ("Délèze", "Zoé", "756.1234.5678.97", "Rue de la Source", "zoe@mail", "079 555", "Santé fragile", "deleze")


@pytest.fixture
def house(small_house):
    return small_house


@pytest.fixture
def visitor(house):
    return Visitor(house)


OWN_PAGES = ("", "/sent", "/file", "/withdraw", "/entered-in-error", "/consent", "/contact", "/costs")
ALL_PAGES = ("/referrals/", "/referrals/new", *(f"/referrals/{{}}{page}" for page in OWN_PAGES))


def test_the_page_shows_criteria_place_partners_and_timeline(house, visitor):
    reference = visitor.refer()
    house.decide()
    house.hear(
        happened(PlacementPlaced, reference),
        NotificationDelivered(reference=reference, partner=f"cms-{AREA}", channel="email", about="placement.placed.v1"),
    )
    page = visitor.open(f"/referrals/{reference}")
    for text in (
        "La personne a une place dans le groupe OSEO Sion.",
        "Un programme est ouvert dans la région de domicile (Sion).",
        "version 2016-1",
        "La personne a été admise\u00a0: tous les critères sont remplis.",
        "L’OSEO Valais a attribué une place dans le groupe OSEO Sion. Premier jour\u00a0: 01.12.2026.",
        "CMS Sion-Hérens-Conthey",
        "une place a été attribuée",
    ):
        assert text in page


def test_the_page_looks_again_by_itself_only_while_something_is_under_way(house, visitor):
    reference = visitor.refer()
    assert visitor.http.get(f"/referrals/{reference}").headers["Refresh"] == "1"
    assert "Refresh" not in visitor.http.get(f"/referrals/{reference}?still=1").headers
    house.clock.move(seconds=61)
    assert "Refresh" not in visitor.http.get(f"/referrals/{reference}").headers
    house.decide()
    house.hear(happened(PlacementPlaced, reference))
    house.clock.move(seconds=61)
    assert "Refresh" not in visitor.http.get(f"/referrals/{reference}").headers


def test_a_referral_is_withdrawn_with_a_reason(house, visitor):
    reference = visitor.refer()
    path = f"/referrals/{reference}/withdraw"
    assert visitor.send(path, {"note": "x"}).status_code == 422
    sent = visitor.send(path, {"reason": "moved_away", "note": "À Genève"})
    assert (sent.status_code, house.state(reference)) == (303, "withdrawn")
    assert "Raison\u00a0: «\u00a0La personne a déménagé\u00a0». À Genève" in visitor.open(f"/referrals/{reference}")
    assert visitor.http.get(path).status_code == 409
    assert visitor.send(f"/referrals/{reference}/correct", {}, page="/referrals/new").status_code == 409


def test_the_list_is_filtered_by_state_and_searched_by_name_or_reference(house, visitor):
    reference = visitor.refer()
    other = visitor.refer(avs_number=NUMBERS[1], family_name="O'Neill", agrees="no")
    house.decide()
    everything = visitor.open("/referrals/")
    assert reference in everything
    assert other in everything
    eligible = visitor.open("/referrals/?state=accepted")
    assert (reference in eligible, other in eligible) == (True, False)
    names = (("deleze zoe", reference), ("O’Neill", other), ("o neill", other), ("%", None), ("xyz", None))
    numbers = (("756.1234.5678.97", reference), ("ISA-2026-000001", reference), ("000002", other))
    for search, found in names + numbers:
        page = visitor.search(search)
        assert [each for each in (reference, other) if each in page] == ([found] if found else [])


def test_the_reason_of_a_pause_or_an_end_is_called_so_and_the_absence_has_its_day(house, visitor):
    reference = visitor.refer()
    house.decide()
    house.hear(*(happened(event, reference) for event in (PlacementPlaced, PlacementStarted, PlacementPaused)))
    page = visitor.open(f"/referrals/{reference}")
    assert "Raison de la suspension" in page
    assert "Absence depuis le" in page
    house.hear(happened(PlacementEnded, reference))
    page = visitor.open(f"/referrals/{reference}")
    assert "Raison de la fin" in page
    assert "Absence depuis le" not in page


def test_a_search_comes_with_no_name_in_the_address(house, visitor):
    visitor.refer()
    page = visitor.open("/referrals/")
    assert re.search(r'<form method="post"[^>]*role="search"', page)
    address = visitor.send("/referrals/", {"search": "deleze"}).headers["Location"]
    assert "deleze" not in address.lower()
    found = visitor.open(address)
    assert (value_of(found, "search"), reference_rows(found)) == ("deleze", 1)
    for another in ("/referrals/?search=nobody", address):  # made up; somebody else's
        page = Visitor(house, replace(SOCIAL_WORKER, id="account-2")).open(another)
        assert (value_of(page, "search"), reference_rows(page)) == ("", 1)


def reference_rows(page):
    return len(re.findall(r'<a class="govuk-link" href="/referrals/ISA-', page))


def test_a_long_list_has_pages(house, visitor, monkeypatch):
    monkeypatch.setattr("services.referral.queries.lists.PAGE", 2)
    for number in NUMBERS[:3]:
        visitor.refer(avs_number=number)
    assert reference_rows(visitor.open("/referrals/")) == 2
    older = re.search(r'href="(\?[^"]*after=[^"]+)"', visitor.open("/referrals/"))[1]
    assert reference_rows(visitor.open(f"/referrals/{older}")) == 1
    assert reference_rows(visitor.open("/referrals/?after=nonsense")) == 2


def test_who_is_not_signed_in_is_asked_to(house):
    visitor = Visitor(house, person=None)
    for path in ALL_PAGES:
        answer = visitor.http.get(path.format("ISA-2026-000001"))
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/account/sign-in?next=")


@pytest.mark.parametrize("role", ["oseo", "evaluator", "sas", "partner", "operator", "administrator"])
def test_no_other_role_sees_referrals(house, visitor, role):
    reference = visitor.refer()
    stranger = Visitor(house, replace(SOCIAL_WORKER, role=role))
    for path in ALL_PAGES:
        page = stranger.open(path.format(reference), status=403)
        assert "Délèze" not in page


def test_another_cms_finds_no_page_of_the_referral(house, visitor):
    reference = visitor.refer()
    house.decide()
    other = Visitor(house, replace(SOCIAL_WORKER, areas=("sierre",)))
    for path in ALL_PAGES[2:]:
        assert "Délèze" not in other.open(path.format(reference), status=404)
        assert visitor.http.get(path.format(reference)).status_code == 200
    assert "Délèze" not in other.open("/referrals/")
    sent = other.send(f"/referrals/{reference}/withdraw", {"reason": "health"}, page="/referrals/new")
    assert (sent.status_code, house.state(reference)) == (404, "accepted")


def test_what_people_type_is_never_markup(house, visitor):
    reference = visitor.refer(family_name="<script>alert(1)</script>", constraints="<img src=x onerror=y>")
    for path in (f"/referrals/{reference}", "/referrals/"):
        text = visitor.http.get(path).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text


def test_no_personal_data_is_in_events_logs_or_addresses(house, visitor):
    addresses = []
    with structlog.testing.capture_logs() as logs:
        reference = visitor.refer()
        house.decide()
        house.hear(happened(PlacementPlaced, reference))
        for path in ALL_PAGES[:3]:
            page = visitor.open(path.format(reference))
            addresses += re.findall(r'(?:href|action)="([^"]*)"', page)
        addresses.append(visitor.send("/referrals/", {"search": "Délèze"}).headers["Location"])
        visitor.open(addresses[-1])
        visitor.send("/referrals/new", typed())  # refused: the person has an open referral
        visitor.send(f"/referrals/{reference}/withdraw", {"reason": "Zoé Délèze", "note": "756.1234.5678.97"})
    assert logs
    bodies = [envelope.encode().decode() for envelope in house.envelopes()]
    assert len(bodies) == 3
    said = "\n".join([*map(str, logs), *bodies, *addresses])
    assert [each for each in PERSONAL if each in said] == []


@pytest.mark.parametrize(("language", "title"), [("fr", "Signalement"), ("de", "Anmeldung")])
def test_the_file_is_a_tagged_pdf_that_names_nobody_outside_of_its_pages(house, language, title):
    visitor = Visitor(house, replace(SOCIAL_WORKER, language=language))
    reference = visitor.refer(family_name="Délèze 中", constraints="#emph[x] $1$ <label> \\ *y*")
    house.decide()
    answer = visitor.http.get(f"/referrals/{reference}/file")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{reference}.pdf"'
    assert answer.data.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in answer.data, "tagged: it can be read out"
    assert re.search(rb"/Lang ?\(" + language.encode(), answer.data)
    assert f"{title} {reference}".encode() in answer.data
    outside = answer.data.decode("latin-1")
    assert [each for each in PERSONAL if each in outside] == []


def test_costs_are_reported_once_and_corrected_knowingly(house, visitor):
    reference = visitor.refer()
    assert visitor.http.get(f"/referrals/{reference}/costs").status_code == 409, "not accepted yet"
    house.decide()
    path = f"/referrals/{reference}/costs"
    first = {"period": "2026-Q3", "amount": "1'200.–"}
    assert visitor.send(path, first).status_code == 303
    assert visitor.send(path, first).status_code == 303, "the same again changes nothing"
    refused = visitor.send(path, first | {"amount": "1300"})
    assert refused.status_code == 409
    assert "CHF 1'200.– sont déjà annoncés" in html.unescape(refused.text)
    assert value_of(visitor.open(f"{path}?period=2026-Q3"), "replaces") == "2026-Q3"
    assert visitor.send(path, {"period": "2026-Q3", "amount": "1300", "replaces": "2026-Q3"}).status_code == 303
    told = [event for event in house.emitted() if isinstance(event, ReferralCostsReported)]
    assert [(event.period, event.chf) for event in told] == [("2026-Q3", 1200), ("2026-Q3", 1300)]
    page = visitor.open(f"/referrals/{reference}")
    assert "Le CMS a corrigé les coûts médicaux du 3ᵉ trimestre 2026." in page
    assert "1'300.–" in page


def test_a_new_number_and_a_need_reach_the_host_while_somebody_waits(house, visitor):
    reference = visitor.accepted(house)
    path = f"/referrals/{reference}/contact"
    assert 'value="Rue de la Source 21"' in visitor.open(path)
    changed = _details() | {"phone": "027/606.48.50", "street": "", "family_name": "Délèze-Rey"}
    assert visitor.send(path, changed).status_code == 303
    told = house.emitted()[-1]
    assert isinstance(told, ReferralContactCorrected)
    contact = Opener(house.context.settings.keys.sealing_private("placement")).open(told.contact)
    assert (contact["phone"], contact["street"], contact["availability"]) == ("+41 27 606 48 50", None, "mornings")
    assert "Le CMS a corrigé les coordonnées ou les besoins." in visitor.open(f"/referrals/{reference}")
    assert visitor.search("Rey").count(reference) == 2  # its address and its name


def test_details_that_are_the_same_tell_nobody_anything(house, visitor):
    reference = visitor.accepted(house)
    before = house.emitted()
    assert visitor.send(f"/referrals/{reference}/contact", _details()).status_code == 303
    assert house.emitted() == before


def test_details_are_corrected_by_one_window_at_a_time_and_only_while_somebody_is_in_placement(house, visitor):
    reference = visitor.accepted(house)
    path = f"/referrals/{reference}/contact"
    assert visitor.send(path, _details() | {"phone": "027 606 48 50"}).status_code == 303
    late = visitor.send(path, _details() | {"phone": "079 555 99 99", "version": "1"})
    assert (late.status_code, "a changé entre-temps" in html.unescape(late.text)) == (409, True)
    assert value_of(html.unescape(late.text), "phone") == "079 555 99 99"
    wrong = visitor.send(path, _details() | {"phone": "12", "family_name": ""})
    assert (wrong.status_code, wrong.text.count("govuk-error-message")) == (422, 2)
    visitor.send(f"/referrals/{reference}/withdraw", {"reason": "health"})
    assert visitor.http.get(path).status_code == 409


def _details():
    values = typed()
    return {name: values[name] for name in CORRECTABLE}


def test_a_withdrawn_consent_stops_what_it_allowed(house, visitor):
    reference = visitor.accepted(house)
    path = f"/referrals/{reference}/consent"
    assert visitor.send(path, {}).status_code == 422
    assert visitor.send(path, {"purpose": "evaluation"}).status_code == 303
    assert isinstance(house.emitted()[-1], ReferralConsentWithdrawn)
    assert visitor.send(path, {"purpose": "evaluation"}).status_code == 409
    assert house.state(reference) == "accepted"
    assert visitor.send(path, {"purpose": "participation"}).status_code == 303
    assert house.state(reference) == "withdrawn"


def test_a_referral_entered_in_error_is_marked_as_such(house, visitor):
    reference = visitor.accepted(house)
    assert visitor.send(f"/referrals/{reference}/entered-in-error", {"note": "À double"}).status_code == 303
    assert house.state(reference) == "entered_in_error"
    assert 'action="/referrals/ISA-2026-000001/again"' in visitor.open(f"/referrals/{reference}")


def test_what_needs_attention_stands_first(house, visitor):
    open_one = visitor.refer(avs_number=NUMBERS[0], agrees="unknown")
    lost, fine = (visitor.refer(avs_number=number) for number in NUMBERS[1:3])
    house.decide()
    about = {"partner": "oseo-valais", "channel": "email", "about": "placement.placed.v1"}
    for reference in (lost, fine):
        house.hear(NotificationFailed(reference=reference, cause="refused", **about))
    house.hear(NotificationDelivered(reference=fine, **about))
    attention = visitor.open("/referrals/").split('id="attention-title"')[1].split("</section>")[0]
    assert [reference in attention for reference in (open_one, lost, fine)] == [True, True, False]
    assert "OSEO Valais n’a pas pu être informé" in visitor.open(f"/referrals/{lost}")
    assert "attention-title" not in visitor.open("/referrals/?show=waiting")


def test_the_list_leads_back_and_forth_and_counts_each_group(house, visitor, monkeypatch):
    monkeypatch.setattr("services.referral.queries.lists.PAGE", 2)
    references = [visitor.refer(avs_number=number) for number in NUMBERS]
    first = visitor.open("/referrals/?show=submitted")
    older = html.unescape(re.search(r'href="(\?[^"]*after=[^"]+)"', first)[1])
    second = visitor.open(f"/referrals/{older}")
    assert [f'href="/referrals/{each}"' in second for each in references] == [True, True, False, False]
    newer = html.unescape(re.search(r'href="(\?[^"]*before=[^"]+)"', second)[1])
    again = visitor.open(f"/referrals/{newer}")
    assert [f'href="/referrals/{each}"' in again for each in references] == [False, False, True, True]
    assert re.search(r'show=submitted" aria-current="page">[^<]*<span class="ancrage-groups__count">4<', again)


def test_pages_of_several_states_come_in_one_order(house, visitor, monkeypatch):
    monkeypatch.setattr("services.referral.queries.lists.PAGE", 2)
    references = []
    for number in NUMBERS:
        references.append(visitor.refer(avs_number=number))
        visitor.send(f"/referrals/{references[-1]}/{'withdraw' if len(references) % 2 else 'entered-in-error'}",
                     {"reason": "health", "note": "À double"})  # fmt: skip
        house.clock.move(seconds=1)
    first = visitor.open("/referrals/?show=ended")
    assert listed(first) == references[:1:-1]
    older = html.unescape(re.search(r'href="(\?[^"]*after=[^"]+)"', first)[1])
    second = visitor.open(f"/referrals/{older}")
    assert listed(second) == references[1::-1]
    newer = html.unescape(re.search(r'href="(\?[^"]*before=[^"]+)"', second)[1])
    assert listed(visitor.open(f"/referrals/{newer}")) == references[:1:-1]


def listed(page):
    return re.findall(r'<a class="govuk-link" href="/referrals/(ISA-[^"]+)"', page)


def test_the_episodes_of_a_person_are_kept_together_within_the_own_cms(house, visitor):
    first = visitor.refer()
    visitor.send(f"/referrals/{first}/withdraw", {"reason": "health"})
    second = visitor.refer()
    assert f'href="/referrals/{first}"' in visitor.open(f"/referrals/{second}")
    assert f'href="/referrals/{second}"' in visitor.open(f"/referrals/{first}")
