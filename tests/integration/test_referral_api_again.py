"""What other systems need besides: sending again, lists page by page, corrections, and tokens that end."""

import threading
from datetime import timedelta

import pytest

from contracts.people import ALL_AREAS, REFERRALS_READ, REFERRALS_WRITE
from services.referral import handlers
from services.referral.domain import IssueToken
from services.referral.store import tables
from tests.integration.test_referral_api import Caller
from tests.problems import fields_of
from tests.unit.referral.answers import AREA, NUMBERS, typed

LASTING = timedelta(days=30)


def keyed(caller, key, body, path="/api/referrals", method="post"):
    headers = caller.headers | {"Idempotency-Key": key}
    return getattr(caller.http, method)(path, json=body, headers=headers)


def told(answer):
    return answer.status_code, answer.get_json(force=True), answer.headers.get("Location")


# -- sending again --


def test_the_same_call_with_the_same_key_is_done_once_and_answered_the_same(house):
    caller = Caller(house)
    first = keyed(caller, "one", typed())
    again = keyed(caller, "one", dict(reversed(typed().items())))
    assert told(first) == told(again)
    assert first.status_code == 201
    assert len(house.rows(tables.referrals)) == 1
    assert keyed(caller, "two", typed()).status_code == 409, "another key is another call"


def test_another_call_with_the_same_key_is_refused(house):
    caller = Caller(house)
    keyed(caller, "one", typed())
    other = keyed(caller, "one", typed(avs_number=NUMBERS[1]))
    assert other.status_code == 422
    problem = other.get_json(force=True)
    assert problem["type"].endswith("/developers/#key-used-otherwise")
    assert problem["errors"][0]["parameter"] == "Idempotency-Key"
    assert len(house.rows(tables.referrals)) == 1


def test_a_key_belongs_to_its_token(small_house):
    keyed(Caller(small_house), "one", typed())
    other = Caller(small_house, subject="system-2")
    assert keyed(other, "one", typed(avs_number=NUMBERS[1])).status_code == 201


def test_a_refused_call_is_corrected_under_the_same_key(small_house):
    caller = Caller(small_house)
    assert keyed(caller, "one", typed(email="nobody")).status_code == 422
    assert keyed(caller, "one", typed()).status_code == 201


def test_a_key_is_free_again_after_a_day(small_house):
    caller = Caller(small_house, lasting=timedelta(days=9))
    keyed(caller, "one", typed())
    small_house.clock.move(hours=25)
    assert keyed(caller, "one", typed(avs_number=NUMBERS[1])).status_code == 201


def test_old_answers_are_forgotten(small_house):
    keyed(Caller(small_house), "one", typed())
    assert small_house.do(handlers.forget_answers) == 0
    small_house.clock.move(hours=25)
    assert small_house.do(handlers.forget_answers) == 1


@pytest.mark.parametrize("key", ["", "two words", "x" * 256, "clé"])
def test_a_key_is_a_short_plain_text(small_house, key):
    answer = keyed(Caller(small_house), key, typed())
    assert (answer.status_code, answer.get_json(force=True)["errors"][0]["parameter"]) == (422, "Idempotency-Key")


def test_the_same_call_many_times_at_once_is_done_once(house):
    callers = [Caller(house) for _ in range(6)]
    answers = []
    threads = [threading.Thread(target=lambda c=c: answers.append(told(keyed(c, "one", typed())))) for c in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(house.rows(tables.referrals)) == 1
    assert len(answers) == 6
    assert {answer[0] for answer in answers} == {201}
    assert {answer[2] for answer in answers} == {"/api/referrals/ISA-2026-000001"}


def test_a_withdrawal_sent_twice_is_one(small_house):
    caller = Caller(small_house)
    reference = caller.submit().get_json()["reference"]
    path = f"/api/referrals/{reference}/withdrawal"
    first, again = (keyed(caller, "w", {"reason": "health"}, path) for _ in range(2))
    assert told(first) == told(again)
    assert first.status_code == 200


def test_no_kept_answer_tells_of_a_person(small_house):
    keyed(Caller(small_house), "one", typed())
    kept = str(small_house.rows(small_house.context.store.metadata.tables["answers"]))
    assert "ISA-2026-000001" in kept
    assert not [word for word in ("Délèze", "756.1234", "Zoé", "zoe@") if word in kept]


# -- correcting --


def test_a_referral_that_lacks_information_is_corrected_and_decided_again(small_house):
    caller = Caller(small_house)
    reference = caller.submit(agrees="unknown").get_json()["reference"]
    small_house.decide()
    assert caller.get(reference)["status"] == "information_needed"
    answer = keyed(caller, "c", typed(), f"/api/referrals/{reference}", "put")
    assert (answer.status_code, answer.get_json()) == (200, {"reference": reference, "status": "submitted"})
    small_house.decide()
    assert caller.get(reference)["status"] == "accepted"
    refused = keyed(caller, "d", typed(), f"/api/referrals/{reference}", "put")
    assert refused.status_code == 409
    assert refused.get_json(force=True)["type"].endswith("/developers/#closed-already")


# -- lists --


def listed(caller, **query):
    answer = caller.http.get("/api/referrals", query_string=query, headers=caller.headers)
    assert answer.status_code == 200, answer.text
    return answer.get_json(force=True)


def references(page):
    return [each["reference"] for each in page["referrals"]]


@pytest.fixture
def four(house):
    """Four referrals, a day apart, the last two at the same moment."""
    caller = Caller(house, lasting=timedelta(days=9))
    for number, commune, changes in (
        (0, "6265", {}),
        (1, "6265", {"agrees": "unknown"}),
        (2, "6248", {"cms_area": "sierre"}),
        (3, "6265", {}),
    ):
        caller.submit(avs_number=NUMBERS[number], commune_bfs=commune, **changes)
        house.clock.move(days=1 if number < 2 else 0)
    house.decide()
    return caller


def test_a_list_goes_page_by_page_to_its_end_without_missing_or_doubling(four):
    seen, cursor = [], None
    while True:
        page = listed(four, limit=1, **({"cursor": cursor} if cursor else {}))
        seen += references(page)
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [f"ISA-2026-00000{n}" for n in (4, 3, 2, 1)]
    assert references(listed(four)) == seen


def test_a_list_is_filtered_by_state_area_region_and_day(four):
    assert references(listed(four, status="information_needed")) == ["ISA-2026-000002"]
    assert references(listed(four, cms_area="sierre")) == ["ISA-2026-000003"]
    assert references(listed(four, region="sierre")) == ["ISA-2026-000003"]
    assert references(listed(four, submitted_to="2026-11-23")) == ["ISA-2026-000001"]
    assert references(listed(four, submitted_from="2026-11-24", submitted_to="2026-11-24")) == ["ISA-2026-000002"]
    assert references(listed(four, cms_area="sierre", status="placed")) == []


def test_a_list_tells_nothing_of_the_person(four):
    (row, *_others) = listed(four)["referrals"]
    assert set(row) == {"reference", "status", "cms_area", "region", "submitted_at"}


def test_a_token_lists_its_own_areas_only(four, house):
    one = Caller(house, areas=("sierre",))
    assert references(listed(one)) == ["ISA-2026-000003"]
    assert references(listed(one, cms_area=AREA)) == []
    assert references(listed(Caller(house, areas=()))) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "lost"),
        ("limit", "0"),
        ("limit", "101"),
        ("limit", "x"),
        ("cursor", "x"),
        ("cursor", "WyJhIiwgImIiXQ=="),
        ("submitted_from", "yesterday"),
        ("statsu", "placed"),
        ("cms_area", "sion"),
    ],
)
def test_a_wrong_filter_is_named(small_house, name, value):
    caller = Caller(small_house)
    answer = caller.http.get("/api/referrals", query_string={name: value}, headers=caller.headers)
    assert answer.status_code == 422
    assert [error["parameter"] for error in answer.get_json(force=True)["errors"]] == [name]


# -- tokens --


def test_a_token_that_was_ended_opens_nothing_any_more(small_house):
    command = IssueToken(organisation="CMS Sierre", areas=[ALL_AREAS], scopes=[REFERRALS_READ], lasting=LASTING)
    token = small_house.do(handlers.issue_token, command, "account-9")
    caller = Caller(small_house, claims=token.claims())
    assert listed(caller)["referrals"] == []
    small_house.do(handlers.end_token, token.id, "account-9")
    refused = caller.http.get("/api/referrals", headers=caller.headers)
    assert refused.status_code == 401
    assert 'error="invalid_token"' in refused.headers["WWW-Authenticate"]


def test_the_sender_of_a_referral_is_the_organisation_of_the_token(small_house):
    command = IssueToken(organisation="CMS Sierre", areas=[ALL_AREAS], scopes=[REFERRALS_WRITE], lasting=LASTING)
    token = small_house.do(handlers.issue_token, command, "account-9")
    assert Caller(small_house, claims=token.claims()).submit().status_code == 201
    (row,) = small_house.rows(tables.referrals)
    assert row.submitted_by == "token:integration:CMS Sierre"


# -- what is told about it --


@pytest.mark.parametrize(("language", "words"), [("fr", "Signaler une personne"), ("de", "Eine Person anmelden")])
def test_the_document_is_there_for_programs_and_for_people(small_house, language, words):
    http = Caller(small_house).http
    document = http.get("/api/openapi.json").get_json()
    assert document["openapi"] == "3.1.0"
    page = http.get("/developers/", headers={"Accept-Language": language})
    assert page.status_code == 200
    assert words in page.text
    shown = page.text.replace("<wbr>", "")
    calls = [f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods]
    assert [call for call in calls if call not in shown] == []


def test_a_second_open_referral_points_at_the_number(small_house):
    caller = Caller(small_house)
    caller.submit()
    problem = caller.submit().get_json(force=True)
    assert list(fields_of(problem)) == ["avs_number"]
    assert problem["type"].endswith("/developers/#open-referral")
