"""The page on which administrators let other systems in, and out again."""

import re

import pytest

from contracts.people import ADMINISTRATOR, CMS, OPERATOR
from services.referral.store.tokens import api_tokens
from services.referral.web import create_app
from tests.reader import Reader
from tests.unit.referral.answers import typed

GOOD = {"organisation": "CMS Sierre", "area": "sierre", "scopes": ["referrals:write", "referrals:read"], "days": "30"}


@pytest.fixture
def house(small_house):
    return small_house


@pytest.fixture
def keeper(house):
    return Reader(create_app(house.context), house.clock, ADMINISTRATOR)


def issued(keeper, **changes):
    """The token that the page shows this once."""
    keeper.open("/referrals/tokens/new")
    keeper.post("/referrals/tokens/new", **GOOD | changes)
    found = re.search(r'ancrage-secret">([^<]+)<', keeper.html)
    return found and found[1]


def called(keeper, token, **changes):
    headers = {"Authorization": f"Bearer {token}"}
    return keeper.client.post("/api/referrals", json=typed(**changes), headers=headers).status_code


def test_an_issued_token_lets_in_for_what_it_says_until_it_is_ended(house, keeper):
    token = issued(keeper)
    assert called(keeper, token) == 403, "another CMS than its own"
    assert called(keeper, token, cms_area="sierre") == 201
    (end,) = keeper.open("/referrals/tokens/").links("/referrals/tokens/.*/end")
    keeper.post(end)
    assert "Révoqué" in keeper.open("/referrals/tokens/").text
    assert called(keeper, token, cms_area="sierre") == 401
    assert keeper.links("/referrals/tokens/.*/end") == []


def test_the_register_says_in_words_what_a_token_may_do(keeper):
    issued(keeper)
    page = keeper.open("/referrals/tokens/").text
    assert "Lire et lister des signalements" in page
    assert "referrals:read" not in page


def test_the_token_itself_is_kept_nowhere(house, keeper):
    token = issued(keeper)
    assert token not in str(house.rows(api_tokens))
    assert token not in keeper.open("/referrals/tokens/").html


def test_a_token_expires_and_is_told_to_have(house, keeper):
    token = issued(keeper, days="1")
    house.clock.move(hours=25)
    late = Reader(create_app(house.context), house.clock, ADMINISTRATOR)
    assert "Expiré" in late.open("/referrals/tokens/").text
    assert called(late, token, cms_area="sierre") == 401


@pytest.mark.parametrize(
    "wrong", [{"organisation": ""}, {"area": "sion"}, {"scopes": []}, {"days": "0"}, {"days": "731"}]
)
def test_a_wrong_answer_is_told_and_no_token_issued(house, keeper, wrong):
    assert issued(keeper, **wrong) is None
    assert keeper.status == 422
    assert house.rows(api_tokens) == []


@pytest.mark.parametrize("role", [CMS, OPERATOR])
def test_nobody_but_administrators_issues_or_sees_tokens(house, role):
    other = Reader(create_app(house.context), house.clock, role)
    assert other.open("/referrals/tokens/").status == 403
    assert other.open("/referrals/tokens/new").status == 403


def test_a_token_that_is_none_cannot_be_ended(keeper):
    keeper.open("/referrals/tokens/")
    keeper.post("/referrals/tokens/01a20990-c6e6-7ef6-a1da-63131836b00d/end")
    assert keeper.status == 404
