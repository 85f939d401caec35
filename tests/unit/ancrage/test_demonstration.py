"""Made-up referrals, and how their way is followed."""

import csv
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from stdnum.ch import ssn

from ancrage.demonstration import people, rows, watching
from ancrage.demonstration.journey import Journey, outcomes, typical_and_slow
from ancrage.demonstration.rows import Body
from ancrage.demonstration.sending import Sending
from ancrage.trouble import Exit, Trouble
from contracts.vocabulary import CMS_AREAS
from services.referral.domain import localities

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
COMMUNES = Path(__file__).parents[3] / "../shared/data/valais_communes.csv"


def test_the_file_holds_what_the_api_takes() -> None:
    bodies = rows.from_file()
    assert len(bodies) == 120
    assert not {"row", "expected", "expected_because"} & {name for body in bodies for name in body}
    assert all("" not in body.values() for body in bodies)
    assert any(isinstance(body.get("interests"), list) and len(body["interests"]) > 1 for body in bodies)


def test_the_one_whose_way_is_shown_goes_all_of_it_and_comes_first() -> None:
    bodies = rows.put_telling_one_first(rows.from_file())
    assert rows.goes_all_the_way(bodies[0])
    assert sorted(body["avs_number"] for body in bodies) == sorted(body["avs_number"] for body in rows.from_file())


def test_made_up_people_have_valid_numbers_and_do_not_repeat() -> None:
    numbers = [body["avs_number"] for body in people.made_up(50_000, seed=1)]
    assert all(ssn.is_valid(number) for number in numbers[:500])
    assert len(set(numbers)) == 50_000  # of numbers drawn one by one, one or two would have come twice


def test_the_same_seed_makes_the_same_people() -> None:
    assert list(people.made_up(5, seed=7)) == list(people.made_up(5, seed=7))
    assert list(people.made_up(5, seed=7)) != list(people.made_up(5, seed=8))


def test_made_up_referrals_have_the_columns_of_the_file() -> None:
    columns = {name for body in rows.from_file() for name in body}
    assert {name for body in people.made_up(200, seed=3) for name in body} <= columns
    assert {body["cms_area"] for body in people.made_up(200, seed=3)} == set(CMS_AREAS)


def test_everybody_lives_at_a_postal_code_of_their_commune() -> None:
    bodies = [*rows.from_file(), *people.made_up(300, seed=5)]
    homes = {(body["postal_code"], body["locality"], int(body["commune_bfs"])) for body in bodies}
    real = {(code, each.name, each.commune) for code, there in localities().items() for each in there}
    assert homes - real == set()


@pytest.mark.skipif(not COMMUNES.exists(), reason="the official list of communes is not beside the project")
def test_made_up_people_live_in_real_communes() -> None:
    official = {row["bfs_number"]: row for row in csv.DictReader(COMMUNES.open(encoding="utf-8"))}
    for commune in people.COMMUNES:
        row = official[commune.bfs]
        assert (commune.name, commune.area, commune.language) == (row["name"], row["cms_area"], row["language"])


def line(seconds: float, text: str = "…") -> dict[str, str]:
    return {"at": (NOON + timedelta(seconds=seconds)).isoformat(), "event": "referral.submitted.v1", "text": text}


def test_a_journey_learns_only_what_is_new_in_the_order_of_time() -> None:
    journey = Journey({})
    first = journey.learn({"status": "submitted", "timeline": [line(0, "sent")]})
    then = journey.learn({"status": "placed", "timeline": [line(2, "told"), line(1, "placed"), line(0, "sent")]})
    assert [entry["text"] for entry in first + then] == ["sent", "placed", "told"]
    assert journey.settled
    assert journey.seconds == 2.0


def test_a_journey_is_not_settled_while_the_services_still_decide() -> None:
    for status in ("", "submitted", "accepted"):
        assert not Journey({}, reference="ISA-2026-000001", status=status).settled
    assert Journey({}, refusal="avs_number: wrong").settled


def test_outcomes_and_times_are_summed_up() -> None:
    journeys = [Journey({}, "a", status="placed"), Journey({}, "b", status="placed"), Journey({}, refusal="no")]
    for seconds, journey in enumerate(journeys[:2], start=1):
        journey.timeline = [line(0), line(seconds)]
    assert outcomes(journeys) == [("placed", 2), ("refused", 1)]
    assert typical_and_slow(journeys) == (2.0, 2.0)
    assert typical_and_slow([]) is None


class Office:
    """A site small enough to know by heart: refuses whom it must, decides when it is asked the second time."""

    def __init__(self) -> None:
        self.sent: list[Body] = []
        self.asked: Counter[str] = Counter()

    def send(self, body: Body) -> tuple[str | None, str]:
        if body.get("refuse"):
            return None, "duplicate"
        self.sent.append(body)
        return f"ISA-2026-{len(self.sent):06d}", ""

    def view(self, reference: str) -> dict[str, Any]:
        self.asked[reference] += 1
        if self.asked[reference] == 1:
            return {"status": "submitted", "timeline": [line(0, "sent")]}
        return {"status": "placed", "timeline": [line(0, "sent"), line(0.5, "placed")]}


def test_all_are_sent_and_followed_until_each_is_decided() -> None:
    office, journeys = Office(), [Journey({"refuse": number == 3}) for number in range(40)]
    for _ in Sending(office, journeys).rounds():
        pass
    assert len(office.sent) == 39
    assert Counter(journey.outcome for journey in journeys) == {"placed": 39, "refused": 1}


def test_a_rate_is_kept() -> None:
    office, journeys = Office(), [Journey({}) for _ in range(6)]
    started = datetime.now(UTC)
    for _ in Sending(office, journeys, rate=10.0).rounds():
        pass
    assert (datetime.now(UTC) - started).total_seconds() >= 0.5


def test_a_site_that_is_gone_ends_the_sending() -> None:
    class Gone(Office):
        def send(self, body: Body) -> tuple[str | None, str]:
            raise Trouble("does not answer", Exit.UNREACHABLE)

    with pytest.raises(Trouble, match="does not answer"):
        for _ in Sending(Gone(), [Journey({}) for _ in range(3)]).rounds():
            pass


def test_a_system_that_stands_still_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    class Still(Office):
        def view(self, reference: str) -> dict[str, Any]:
            return {"status": "submitted", "timeline": []}

    monkeypatch.setattr("ancrage.demonstration.sending.PATIENCE", 0.3)
    with pytest.raises(Trouble, match="2 referrals are not decided") as stuck:
        for _ in Sending(Still(), [Journey({}), Journey({})]).rounds():
            pass
    assert stuck.value.code == Exit.UNWELL


def test_one_way_is_told_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ancrage.demonstration.watching.QUIET", 0.0)
    told = list(watching.lines(Office(), Journey({}, "ISA-2026-000001")))
    assert told == [(0.0, "sent"), (0.5, "placed")]
