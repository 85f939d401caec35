"""What the referral service notes of those who look at its pages and call its API."""

import time
from dataclasses import replace

import pytest
import sqlalchemy as sa

from chassis import audit
from chassis.audit.tables import audit as rows
from tests.integration.test_referral_api import Caller
from tests.integration.test_referral_pages import PERSONAL, Visitor
from tests.unit.referral.answers import AREA, SOCIAL_WORKER


@pytest.fixture
def house(small_house):
    return small_house


@pytest.fixture
def visitor(house):
    return Visitor(house)


def noted(house, **asked):
    """The oldest first."""
    found = audit.read(house.context, audit.Asked(**asked), 100)[::-1]
    return [(each["action"], each["outcome"], *each["references"]) for each in found]


def test_who_refers_and_who_looks_is_noted(house, visitor):
    reference = visitor.refer()
    visitor.open(f"/referrals/{reference}")
    visitor.open("/referrals/")
    assert [each for each in noted(house) if reference in each] == [
        ("submit", "allowed", reference),
        ("see", "allowed", reference),
        ("list", "allowed", reference),
    ]
    row = next(row for row in house.rows(rows) if row.reference == reference)
    assert (row.account, row.role, row.area, row.kind) == ("account-1", "cms", AREA, "referral")
    assert len(row.request) == 16


def test_a_draft_is_noted_by_its_number_and_what_is_saved_in_between_not_at_all(house, visitor):
    draft = visitor.begin()
    visitor.open(draft)
    id, before = draft.rpartition("/")[2], len(noted(house))
    assert ("see", "allowed", id) in noted(house)
    autosave = {"X-Requested-With": "autosave"}
    visitor.send(f"{draft}/contact", {"street": "x", "saved": "0"}, page="/referrals/new", **autosave)
    assert len(noted(house)) == before


def test_the_form_itself_tells_of_nobody(house, visitor):
    visitor.open("/referrals/new")
    assert noted(house) == []


def test_a_withdrawal_is_noted_and_one_that_is_refused_as_well(house, visitor):
    reference = visitor.refer()
    visitor.send(f"/referrals/{reference}/withdraw", {"reason": "moved_away"})
    visitor.http.post(f"/referrals/{reference}/withdraw", data={"reason": "moved_away"})
    done = [each for each in noted(house) if each[0] == "withdraw"]
    assert done[0] == ("withdraw", "allowed", reference)
    assert all(outcome == "refused" for _action, outcome, _reference in done[1:])


def test_another_cms_that_tries_is_noted_with_the_area_whose_head_may_read_it(house, visitor):
    reference = visitor.refer()
    stranger = Visitor(house, replace(SOCIAL_WORKER, id="account-2", areas=("sierre",)))
    stranger.open(f"/referrals/{reference}", status=404)
    assert noted(house, account="account-2") == [("see", "refused", reference)]
    assert noted(house, account="account-2", areas=[AREA]) == [("see", "refused", reference)]
    assert noted(house, areas=["sierre"]) == []


def test_another_role_is_noted(house, visitor):
    reference = visitor.refer()
    host = Visitor(house, replace(SOCIAL_WORKER, id="account-3", role="oseo", areas=()))
    host.open(f"/referrals/{reference}", status=403)
    assert noted(house, account="account-3") == [("see", "refused", reference)]


def test_a_guess_leaves_no_name_behind(house, visitor):
    visitor.open("/referrals/Zoé Délèze", status=404)
    assert noted(house) == [("see", "refused", "(unreadable)")]


def test_a_program_is_noted_by_what_its_token_calls_it(house):
    caller = Caller(house)
    reference = caller.submit().get_json()["reference"]
    caller.get(reference)
    Caller(house, areas=["sierre"]).get(reference, status=404)
    assert noted(house, account="system-1") == [
        ("create", "allowed", reference),
        ("see", "allowed", reference),
        ("see", "refused", reference),
    ]
    assert {row.role for row in house.rows(rows)} == {"token"}


def test_no_row_names_anybody(house, visitor):
    reference = visitor.refer()
    visitor.search("Délèze")
    visitor.open(f"/referrals/{reference}")
    text = str([tuple(row) for row in house.rows(rows)])
    assert not [each for each in (*PERSONAL, SOCIAL_WORKER.name) if each in text]


def test_a_list_that_does_not_say_whom_it_showed_is_an_error(house, visitor, monkeypatch):
    monkeypatch.setattr("services.referral.web.lists.shows", lambda *_references: None)
    visitor.open("/referrals/", status=500)


def test_noting_a_view_costs_little(house, visitor):
    """A couple of milliseconds; here with a wide margin, for a machine that has other things to do."""
    reference, costs = visitor.refer(), []
    for _ in range(20):
        deed = audit.Deed(kind="referral", action="x", who=lambda: audit.Actor(account="a", role="r"))
        deed.references = [reference]
        began = time.perf_counter()
        with house.context.store.writing() as session:
            audit.note(house.context, session, deed, "see", audit.ALLOWED, house.clock.now())
        costs.append(time.perf_counter() - began)
    assert sorted(costs)[10] < 0.05


def test_an_erased_row_of_the_store_is_no_reason_to_forget_who_saw_it(house, visitor):
    reference = visitor.refer()
    with pytest.raises(sa.exc.IntegrityError), house.context.store.writing() as session:
        session.execute(sa.delete(rows).where(rows.c.reference == reference))


def test_a_form_with_a_mistake_changes_nothing_and_says_so(house, visitor):
    reference = visitor.refer()
    assert visitor.send(f"/referrals/{reference}/withdraw", {"reason": ""}).status_code == 422
    assert noted(house)[-1] == ("withdraw", "refused", reference)
