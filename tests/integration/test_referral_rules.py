"""The pages on which administrators change the rules, on both databases."""

import re

import pytest
import sqlalchemy as sa

from contracts.people import ADMINISTRATOR, CMS
from services.referral.queries import rules
from services.referral.store import tables
from services.referral.web import create_app
from tests.reader import Reader
from tests.unit.referral.answers import NUMBERS

OPEN = {"open_regions": ["sion", "bas-valais"]}
ALL = ["social_assistance", "employment_unrealistic", "benefit_expected", "no_other_measure"]


class Keeper(Reader):
    """An administrator with a browser that runs no scripts."""

    def __init__(self, house, role=ADMINISTRATOR, language="fr"):
        super().__init__(create_app(house.context), house.clock, role, language)

    def propose(self, **changes):
        """Fills in the form; goes to the page of the proposal, whose address it returns."""
        told = {"minimum_age": "18", "reference_age": "65", **OPEN, "required_criteria": ALL, "note": "Essai"}
        self.open("/referrals/rules/new")
        self.post("/referrals/rules/new", **told | changes)
        page = self.location
        if page:
            self.open(page)
        return page

    def adopt(self, page, day="23.11.2026"):
        self.open(page)
        self.post(f"{page}/adopt", valid_from=day)
        return self.open(self.location) if self.status == 303 else self


def decided_house(house):
    """Four decisions: one eligible, one too young, one of a closed region, one without social assistance."""
    house.submit()
    house.submit(avs_number=NUMBERS[1], birth_date="2010-01-01")
    house.submit(avs_number=NUMBERS[2], commune_bfs="6248")
    house.submit(avs_number=NUMBERS[3], social_assistance="no", birth_date="1965-01-01")
    house.decide()
    return house


def everything(house):
    """Each row of each table but those of proposals and of the audit."""
    with house.context.reading() as session:
        kept = [t for t in tables.metadata.sorted_tables if t.name not in ("rule_proposals", "audit", "audit_listed")]
        return {table.name: sorted(map(str, session.execute(sa.select(table)))) for table in kept}


def test_the_page_shows_what_would_come_in_and_what_would_go_out(house):
    decided_house(house)
    keeper = Keeper(house)
    keeper.propose(open_regions=["sierre"], minimum_age="16")
    assert "Décisions examinées 4" in keeper.text
    assert "Seraient nouvellement admis (1)" in keeper.text
    assert "Ne seraient plus admis (1)" in keeper.text
    assert "ISA-2026-000003" in keeper.text
    assert "ISA-2026-000001" in keeper.text
    assert "CMS Sion-Hérens-Conthey" in keeper.text


def test_the_administrator_sees_no_name(house):
    decided_house(house)
    keeper = Keeper(house)
    page = keeper.propose(open_regions=["sierre"])
    for name in ("Délèze", "Zoé", "756.", "Source"):
        assert name not in keeper.html
    assert Keeper(house, role=CMS).open(page).status == 403


def test_trying_out_and_proposing_change_nothing(house):
    decided_house(house)
    before = everything(house)
    keeper = Keeper(house)
    page = keeper.propose(open_regions=["sierre"], required_criteria=[])
    keeper.open(page).open(page)
    assert everything(house) == before


def tried_out(house, page):
    """The dry run of the proposal, and the SELECTs that it took."""
    said = []
    listen = ("before_cursor_execute", lambda *told: said.append(told[2]))
    with house.context.reading() as session:
        proposal = rules.proposal_of(session, page.rpartition("/")[2])
        sa.event.listen(house.context.store.engine, *listen)
        tried = rules.dry_run(session, proposal, house.clock.now())
        sa.event.remove(house.context.store.engine, *listen)
    return tried, said


def test_a_year_is_looked_at_without_opening_the_answers(house):
    decided_house(house)
    tried, said = tried_out(house, Keeper(house).propose(open_regions=["sierre"]))
    assert (tried.looked_at, len(said)) == (4, 1)
    assert "application_sealed" not in said[0]


def test_answers_are_opened_where_a_criterion_counts_that_did_not_before(house):
    keeper = Keeper(house)
    keeper.adopt(keeper.propose(required_criteria=["benefit_expected"]))
    decided_house(house)
    tried, said = tried_out(house, keeper.propose())
    assert [change.criteria for change in tried.changes] == [("social_assistance",)]
    assert ["application_sealed" in each for each in said] == [False, True]


def test_a_long_year_is_looked_at_some_at_a_time_and_each_decision_once(house, monkeypatch):
    monkeypatch.setattr(rules, "_AT_ONCE", 2)
    decided_house(house)
    tried, said = tried_out(house, Keeper(house).propose(open_regions=["sierre"], minimum_age="16"))
    assert (tried.looked_at, len(said)) == (4, 3)
    assert sorted(change.reference for change in tried.changes) == ["ISA-2026-000001", "ISA-2026-000003"]


def test_what_is_older_than_a_year_is_not_looked_at(small_house):
    decided_house(small_house)
    small_house.clock.move(days=366)
    keeper = Keeper(small_house)
    keeper.propose()
    assert "Décisions examinées 0" in keeper.text


def test_new_rules_decide_what_is_submitted_from_their_day_on_and_old_decisions_keep_theirs(house):
    decided_house(house)
    keeper = Keeper(house)
    keeper.adopt(keeper.propose(open_regions=["sierre"]), "24.11.2026")
    assert "La version 2026-1 s’applique dès le 24.11.2026." in keeper.text
    assert house.state("ISA-2026-000001") == "accepted"
    before = house.accepted(avs_number="756.9217.0769.85", birth_date="1990-01-01", commune_bfs="6248")
    house.clock.move(days=1)
    after = house.accepted(avs_number="756.8377.8353.33", commune_bfs="6248", cms_area="sierre")
    versions = {each: house.story(each, ("all",)).referral.assessment.rules_version for each in (before, after)}
    assert versions == {before: "2016-1", after: "2026-1"}
    assert (house.state(before), house.state(after)) == ("ineligible", "accepted")


def test_rules_may_hold_from_today_on_and_leave_criteria_out(small_house):
    keeper = Keeper(small_house)
    keeper.adopt(keeper.propose(required_criteria=["benefit_expected"]))
    reference = small_house.accepted(social_assistance="no", other_measure="yes")
    told = small_house.story(reference).referral
    assert (str(told.state), told.assessment.rules_version) == ("accepted", "2026-1")
    assert "social_assistance" not in [each.code for each in told.assessment.criteria]


def test_two_versions_never_begin_on_the_same_day_nor_in_the_past(house):
    keeper = Keeper(house)
    first, second = keeper.propose(), keeper.propose(minimum_age="20")
    keeper.adopt(first)
    assert keeper.adopt(second).status == 422
    assert "Une autre version entre en vigueur ce jour-là" in keeper.text
    assert keeper.adopt(second, "22.11.2026").status == 422
    assert "Choisissez aujourd’hui" in keeper.text
    keeper.adopt(second, "1.1.2027")
    assert "La version 2027-1" in keeper.text
    assert [version.version for version in _versions(house)] == ["2027-1", "2026-1", "2016-1"]


def _versions(house):
    with house.context.reading() as session:
        return rules.list_versions(session)


def test_a_proposal_that_nobody_wants_is_dropped_and_can_be_adopted_no_more(small_house):
    keeper = Keeper(small_house)
    page = keeper.propose()
    keeper.post(f"{page}/drop")
    assert "Rien n’a changé" in keeper.open(keeper.location).text
    keeper.open(page)
    keeper.post(f"{page}/adopt", valid_from="1.1.2027")
    assert keeper.status == 409
    assert len(_versions(small_house)) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"minimum_age": "x"}, "âge minimal en années"),
        ({"minimum_age": "70"}, "supérieur à l’âge minimal"),
        ({"open_regions": []}, "au moins une région"),
        ({"note": ""}, "pourquoi les règles"),
    ],
)
def test_a_proposal_that_makes_no_sense_is_sent_back_with_a_reason(small_house, changes, said):
    keeper = Keeper(small_house)
    assert keeper.propose(**changes) is None
    assert (keeper.status, said in keeper.text) == (422, True)


def test_who_proposed_and_adopted_is_noted(small_house):
    keeper = Keeper(small_house)
    keeper.adopt(keeper.propose())
    with small_house.context.reading() as session:
        noted = session.execute(sa.text("SELECT action, account FROM audit WHERE kind = 'rules'")).all()
    assert ("propose", "id-of-administrator") in noted
    assert ("adopt", "id-of-administrator") in noted


def test_the_form_begins_with_what_holds_today_and_the_list_says_which_that_is(small_house):
    keeper = Keeper(small_house)
    keeper.open("/referrals/rules/new")
    assert re.search('name="minimum_age"[^>]*value="18"', keeper.html)
    keeper.adopt(keeper.propose(), "1.1.2027")
    text = keeper.open("/referrals/rules/").text
    assert "Version 2027-1, dès le 01.01.2027 À venir" in text
    assert "Version 2016-1, dès le 01.10.2016 En vigueur" in text
