"""Who may have somebody erased, how they are asked twice, and what is noted of it."""

from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa

from chassis import audit
from contracts.people import ADMINISTRATOR, HEAD
from services.referral import handlers
from services.referral.domain import AnnouncedErasure, WithdrawReferral
from services.referral.store import tables
from tests.integration.test_referral_pages import Visitor
from tests.unit.referral.answers import AREA, NUMBERS, SOCIAL_WORKER

HEAD_OF_CMS = replace(SOCIAL_WORKER, id="account-9", rights=(HEAD,))
KEEPER = replace(SOCIAL_WORKER, id="account-8", role=ADMINISTRATOR, areas=(), partner=None)
SURE = {"reason": "person_asked", "sure": "yes"}


@pytest.fixture
def house(small_house):
    return small_house


@pytest.fixture
def reference(house):
    return house.submit()


@pytest.mark.parametrize("person", [HEAD_OF_CMS, KEEPER], ids=["head", "administrator"])
def test_somebody_is_erased_with_a_reason_and_a_confirmation(house, reference, person):
    visitor = Visitor(house, person)
    page = visitor.open(f"/retention/{reference}")
    assert reference in page
    assert "Délèze" not in page, "whoever erases needs no name"
    assert visitor.send(f"/retention/{reference}", {"reason": "person_asked"}).status_code == 422
    assert visitor.send(f"/retention/{reference}", {"sure": "yes"}).status_code == 422
    assert len(house.rows(tables.referrals)) == 1
    assert visitor.send(f"/retention/{reference}", SURE).status_code == 303
    assert house.rows(tables.referrals) == house.rows(tables.timeline) == house.rows(tables.pseudonyms) == []
    visitor.open(f"/retention/{reference}", status=404)


def test_a_social_worker_may_not(house, reference):
    visitor = Visitor(house)
    visitor.open("/retention/", status=403)
    visitor.open(f"/retention/{reference}", status=403)


def test_the_head_of_another_cms_finds_nobody(house, reference):
    visitor = Visitor(house, replace(HEAD_OF_CMS, areas=("sierre",)))
    visitor.open(f"/retention/{reference}", status=404)
    visitor.open(f"/retention/?reference={reference}", status=303)


def test_who_erased_whom_and_why_is_noted(house, reference):
    Visitor(house, HEAD_OF_CMS).send(f"/retention/{reference}", SURE)
    row = audit.read(house.context, audit.Asked(action="erase"), 10)[0]
    told = {name: row[name] for name in ("account", "references", "detail", "outcome")}
    assert told == {
        "account": "account-9",
        "references": [reference],
        "detail": "person_asked",
        "outcome": "allowed",
    }


def test_what_goes_soon_is_listed_for_those_whom_it_concerns(house, reference):
    with house.context.unit() as unit:
        announced = AnnouncedErasure(reference, AREA, unit.today, unit.now)
        unit.erasing.announce([announced])
    for person in (HEAD_OF_CMS, KEEPER):
        assert reference in Visitor(house, person).open("/retention/")
    assert reference not in Visitor(house, replace(HEAD_OF_CMS, areas=("sierre",))).open("/retention/")


def test_the_cms_sees_what_of_its_own_will_be_erased_and_what_it_can_do(house):
    soon, later = house.submit(), house.submit(avs_number=NUMBERS[1], given_name="Luc")
    for reference in (soon, later):
        house.do(handlers.withdraw_referral, reference, WithdrawReferral(reason="health"), (AREA,))
    with house.context.unit() as unit:
        unit.erasing.announce([AnnouncedErasure(soon, AREA, date(2026, 12, 23), unit.now)])
    visitor, other = Visitor(house), Visitor(house, replace(SOCIAL_WORKER, areas=("sierre",)))
    attention = visitor.open("/referrals/").split('id="attention-title"')[1].split("</section>")[0]
    assert soon in attention
    assert "sera effacé le 23.12.2026" in attention
    assert later not in attention
    group = visitor.open("/referrals/?show=erased_soon")
    assert soon in group
    assert later not in group
    page = visitor.open(f"/referrals/{soon}")
    assert "Ce signalement sera effacé le 23.12.2026" in page
    assert page.count(f'href="/referrals/{soon}/file"') == 1
    assert "sera effacé" not in visitor.open(f"/referrals/{later}")
    for path in ("/referrals/", "/referrals/?show=erased_soon"):
        assert soon not in other.open(path)


def test_a_reference_leads_to_its_page_and_nonsense_to_a_sentence(house, reference):
    visitor = Visitor(house, KEEPER)
    answer = visitor.http.get(f"/retention/?reference={reference.lower()}")
    assert answer.headers["Location"] == f"/retention/{reference}"
    assert "Ce numéro de référence n’existe pas." in visitor.open("/retention/?reference=%3Cb%3E")


def test_a_dry_run_says_what_would_go_and_changes_nothing(house, reference):
    house.do(handlers.withdraw_referral, reference, WithdrawReferral(reason="health"), (AREA,))
    assert handlers.would_go(house.context) == {"announced": [], "erased": []}
    house.clock.move(days=800)
    assert handlers.would_go(house.context) == {"announced": [reference], "erased": []}
    with house.context.reading() as session:
        assert session.execute(sa.select(tables.erasures)).all() == []
    assert handlers.announce_erasures(house.context) == 1
    assert handlers.erase_due(house.context) == 0
    house.clock.move(days=31)
    assert handlers.would_go(house.context) == {"announced": [], "erased": [reference]}
