"""The REST interface of referrals, as another system sees it, on both databases."""

from datetime import timedelta

import pytest

from chassis.crypto import issue_token
from contracts.people import ALL_AREAS, REFERRALS_READ, REFERRALS_WRITE
from contracts.placement import PlacementPlaced, PlacementWaitlisted
from services.referral.store import tables
from services.referral.web import create_app
from tests.happenings import happened
from tests.problems import fields_of
from tests.unit.referral.answers import AREA, NUMBERS, sample, typed

STATUS = {"eligible": "accepted", "ineligible": "ineligible", "information_needed": "information_needed"}


class Caller:
    """Another system with a token."""

    def __init__(
        self,
        house,
        areas=(ALL_AREAS,),
        scopes=(REFERRALS_WRITE, REFERRALS_READ),
        language="fr",
        subject="system-1",
        claims=None,
        lasting=timedelta(days=1),
    ):
        self.http = create_app(house.context).test_client()
        claims = claims or {"sub": subject, "areas": list(areas), "scopes": list(scopes)}
        token = issue_token(house.context.settings.keys.token, dict(claims), house.clock.now(), lasting)
        self.headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}

    def submit(self, **changes):
        return self.http.post("/api/referrals", json=typed(**changes), headers=self.headers)

    def post(self, path, **options):
        return self.http.post(path, headers=self.headers, **options)

    def get(self, reference, status=200):
        answer = self.http.get(f"/api/referrals/{reference}", headers=self.headers)
        assert answer.status_code == status
        return answer.get_json(force=True)


def stored(house):
    return len(house.rows(tables.referrals)) + len(house.envelopes()) + len(house.rows(tables.timeline))


def test_every_row_of_the_sample_has_the_outcome_that_is_expected_of_it(house):
    caller = Caller(house)
    expected_of = {}
    for row, expected, because in sample():
        answer = caller.post("/api/referrals", json=row)
        told = answer.get_json(force=True)
        if expected == "invalid":
            assert (answer.status_code, list(fields_of(told))) == (422, [because])
        elif expected == "duplicate":
            assert (answer.status_code, list(fields_of(told))) == (409, [because])
        else:
            assert answer.status_code == 201
            expected_of[told["reference"]] = (expected, because)
    house.decide()
    assert len(expected_of) == 113
    for reference, (expected, because) in expected_of.items():
        told = caller.get(reference)
        open_criteria = [each["code"] for each in told["criteria"] if each["result"] != "met"]
        assert (told["status"], open_criteria) == (STATUS[expected], [because] if because else [])


def test_what_was_sent_can_be_read_with_criteria_placement_and_timeline(house):
    caller = Caller(house)
    reference = caller.submit().get_json()["reference"]
    before = caller.get(reference)
    assert before["status"] == "submitted"
    assert before["criteria"] == []
    assert before["placement"] == {"group": None, "position": None, "reason": None}
    house.decide()
    house.hear(happened(PlacementWaitlisted, reference, position=4))
    told = caller.get(reference)
    assert set(told["placement"]) == {"group", "position", "reason"}
    assert (told["placement"]["group"], told["placement"]["position"]) == ("oseo-sion", 1)
    assert "Toutes les places du groupe sont prises" in told["placement"]["reason"]
    assert [entry["event"] for entry in told["timeline"]] == [
        "referral.submitted.v1",
        "referral.accepted.v1",
        "placement.waitlisted.v1",
    ]
    assert all(set(entry) == {"at", "event", "text"} and entry["text"] for entry in told["timeline"])
    assert {each["result"] for each in told["criteria"]} == {"met"}


def test_the_person_who_is_placed_has_a_group_and_no_position(small_house):
    caller = Caller(small_house)
    reference = caller.submit().get_json()["reference"]
    small_house.decide()
    small_house.hear(happened(PlacementPlaced, reference))
    told = caller.get(reference)
    assert told["status"] == "placed"
    assert (told["placement"]["group"], told["placement"]["position"]) == ("oseo-sion", None)


def test_words_come_in_the_language_asked_for(small_house):
    french, german = Caller(small_house), Caller(small_house, language="de-CH")
    wrong = {"avs_number": "756.1"}
    assert french.submit(**wrong).get_json(force=True)["errors"][0]["detail"].startswith("Ce numéro AVS")
    assert german.submit(**wrong).get_json(force=True)["errors"][0]["detail"].startswith("Diese AHV-Nummer")
    reference = french.submit(agrees="unknown").get_json()["reference"]
    small_house.decide()
    reasons = [{each["code"]: each["reason"] for each in c.get(reference)["criteria"]} for c in (french, german)]
    assert reasons[0]["agrees"] == "On ne sait pas si la personne est d’accord de participer."
    assert reasons[1]["agrees"] == "Es ist nicht bekannt, ob die Person mit der Teilnahme einverstanden ist."


def test_a_created_referral_says_where_it_is(small_house):
    answer = Caller(small_house).submit()
    assert answer.status_code == 201
    assert answer.get_json() == {"reference": "ISA-2026-000001"}
    assert answer.headers["Location"] == "/api/referrals/ISA-2026-000001"


def test_a_second_open_referral_is_refused_without_saying_whose_the_first_is(small_house):
    Caller(small_house, areas=(AREA,)).submit()
    answer = Caller(small_house, areas=("sierre",)).submit(cms_area="sierre")
    assert answer.status_code == 409
    assert "ISA-" not in answer.text
    assert "Sion" not in answer.text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"", 400),
        (b"\xff\xfe", 400),
        (b"[" * 50_000, 400),
        (b"[]", 422),
        (b'"text"', 422),
        (b"null", 422),
        (b"{}", 422),
        (b'{"a": "' + b"x" * 1_100_000 + b'"}', 413),
    ],
)
def test_what_is_no_referral_is_refused_and_nothing_stored(small_house, body, status):
    answer = Caller(small_house).post("/api/referrals", data=body, content_type="application/json")
    assert answer.status_code == status
    assert answer.get_json(force=True)["status"] == status
    assert stored(small_house) == 0


def test_what_is_not_json_is_told_so(small_house):
    answer = Caller(small_house).post("/api/referrals", data=typed(), content_type="multipart/form-data")
    assert answer.status_code == 415
    assert stored(small_house) == 0


def test_wrong_and_unknown_fields_are_named_and_nothing_is_stored(small_house):
    answer = Caller(small_house).submit(birth_date="2030-01-01", email="nobody", shoe_size="44", urgency_reason=None)
    assert answer.status_code == 422
    assert set(fields_of(answer.get_json(force=True))) == {"birth_date", "email", "shoe_size", "urgency_reason"}
    assert stored(small_house) == 0


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer nonsense", "Basic YTpi"])
def test_without_a_token_of_ours_nothing_is_told_or_stored(small_house, header):
    caller = Caller(small_house)
    caller.headers = {"Authorization": header} if header is not None else {}
    assert caller.submit().status_code == 401
    caller.get("ISA-2026-000001", status=401)
    assert caller.post("/api/referrals/ISA-2026-000001/withdrawal", json={"reason": "x"}).status_code == 401
    assert stored(small_house) == 0


def test_a_token_lets_only_what_its_scope_says(small_house):
    reference = Caller(small_house).submit().get_json()["reference"]
    reader = Caller(small_house, scopes=(REFERRALS_READ,))
    assert reader.submit(avs_number=NUMBERS[1]).status_code == 403
    assert reader.post(f"/api/referrals/{reference}/withdrawal", json={"reason": "health"}).status_code == 403
    Caller(small_house, scopes=(REFERRALS_WRITE,)).get(reference, status=403)


def test_a_token_of_one_cms_neither_sends_nor_sees_for_another(small_house):
    reference = Caller(small_house, areas=(AREA,)).submit().get_json()["reference"]
    other = Caller(small_house, areas=("sierre",))
    assert other.submit(avs_number=NUMBERS[1]).status_code == 403
    other.get(reference, status=404)
    assert other.post(f"/api/referrals/{reference}/withdrawal", json={"reason": "health"}).status_code == 404
    assert other.get("ISA-2026-999999", status=404) == other.get(reference, status=404)
    assert Caller(small_house, areas=(AREA, "sierre")).get(reference)["status"] == "submitted"


def test_a_token_without_areas_sees_nothing(small_house):
    reference = Caller(small_house).submit().get_json()["reference"]
    Caller(small_house, areas=()).get(reference, status=404)


def test_a_referral_is_withdrawn_with_a_reason(house):
    caller = Caller(house)
    reference = caller.submit().get_json()["reference"]
    assert caller.post(f"/api/referrals/{reference}/withdrawal", json={}).status_code == 422
    answer = caller.post(f"/api/referrals/{reference}/withdrawal", json={"reason": "moved_away"})
    assert (answer.status_code, answer.get_json()) == (200, {"reference": reference, "status": "withdrawn"})
    again = caller.post(f"/api/referrals/{reference}/withdrawal", json={"reason": "moved_away"})
    assert again.status_code == 409
    assert caller.get(reference)["timeline"][-1]["text"].endswith("«\u00a0La personne a déménagé\u00a0».")


def test_a_withdrawal_in_ones_own_words_keeps_them_at_the_cms(small_house):
    caller = Caller(small_house)
    reference = caller.submit().get_json()["reference"]
    caller.post(f"/api/referrals/{reference}/withdrawal", json={"reason": "Partie chez sa fille à Genève"})
    assert "Partie chez sa fille à Genève" in caller.get(reference)["timeline"][-1]["text"]
    assert "Genève" not in "".join(str(envelope) for envelope in small_house.envelopes())
