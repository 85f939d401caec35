"""Nothing that is told, sent, kept or shown by notification and evaluation says who the person is."""

import csv
import json
import re
from dataclasses import asdict
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from chassis.web import Person
from contracts import people
from contracts.evaluation import EvaluationEnrolled, EvaluationWaveDue
from contracts.placement import (
    PlacementEnded,
    PlacementOffered,
    PlacementPlaced,
    PlacementStarted,
    PlacementWaitlisted,
)
from contracts.referral import (
    ReferralAccepted,
    ReferralInformationNeeded,
    ReferralRejected,
    ReferralSubmitted,
    ReferralWithdrawn,
)
from contracts.vocabulary import CMS_AREAS
from services.evaluation import handlers as evaluation
from services.evaluation import web as evaluation_web
from services.evaluation.service import EvaluationService
from services.notification import handlers as notification
from services.notification import web as notification_web
from services.notification.queries import mails
from services.notification.service import NotificationService
from tests.happenings import House, happened

PEOPLE = Path(__file__).parents[2] / "ancrage/data/demonstration_referrals.csv"
#: one reader of each kind; a social worker of all areas sees the most
READERS = [
    Person(id="1", name="Reader", role=people.CMS, areas=CMS_AREAS),
    Person(id="2", name="Reader", role=people.OSEO),
    Person(id="3", name="Reader", role=people.EVALUATOR),
    Person(id="4", name="Reader", role=people.SAS),
    Person(id="5", name="Reader", role=people.PARTNER, partner="ville-de-sion"),
    Person(id="6", name="Reader", role=people.OPERATOR),
    Person(id="7", name="Reader", role=people.ADMINISTRATOR),
]


@pytest.fixture(scope="module")
def rows():
    with PEOPLE.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def way_of(row, number):
    """All that the publishers tell of a person, the contact left unsealed: it must get nowhere even so."""
    reference, pseudonym = f"ISA-2026-{number:06d}", f"P-{number:06d}"
    cms = {"cms_area": row["cms_area"]}
    who = {"language": row["language"], "birth_year": int(row["birth_date"][:4]), "sex": row["sex"]}
    who |= {"pseudonym": pseudonym, "evaluation_consent": row["evaluation_consent"] == "yes"}
    accepted = happened(ReferralAccepted, reference, **cms, **who, contact=json.dumps(row, ensure_ascii=False))
    placed = happened(PlacementPlaced, reference, **who)
    starts = [happened(kind, reference) for kind in (PlacementWaitlisted, PlacementOffered)]
    ends = [happened(kind, reference) for kind in (PlacementStarted, PlacementEnded)]
    judged = [happened(kind, reference, **cms) for kind in (ReferralInformationNeeded, ReferralRejected)]
    submitted = happened(ReferralSubmitted, reference, **cms, language=row["language"])
    asked = [happened(EvaluationEnrolled, reference, pseudonym=pseudonym)]
    asked.append(happened(EvaluationWaveDue, reference, pseudonym=pseudonym))
    withdrawn = happened(ReferralWithdrawn, reference, **cms)
    return [submitted, *judged, accepted, *starts, placed, *asked, *ends, withdrawn]


def said_of(row):
    """What would say who the person is, in each way it may be written."""
    digits = re.sub(r"\D", "", row["avs_number"])
    born = date.fromisoformat(row["birth_date"])
    said = {row["avs_number"], digits, row["phone"], re.sub(r"\s", "", row["phone"]), row["email"], row["street"]}
    said |= {row["birth_date"], born.strftime("%d.%m.%Y"), f"{born.day}.{born.month}.{born.year}"}
    said |= {f"{row['given_name']} {row['family_name']}", row["family_name"], row["given_name"]}
    return {words for words in said if words}


def found_in(text, rows):
    """Those of the people's particulars that stand in `text` as words."""
    said = {words for words in set().union(*map(said_of, rows)) if words in text}
    return {words for words in said if re.search(rf"(?<![\w.]){re.escape(words)}(?!\w)", text)}


@pytest.fixture(scope="module")
def houses(tmp_path_factory, rows):
    """Both services after all that can be told of everybody."""
    folder = tmp_path_factory.mktemp("data")
    told = House(NotificationService, folder)
    followed = House(EvaluationService, folder)
    events = [event for number, row in enumerate(rows, 1) for event in way_of(row, number)]
    for start in range(0, len(events), 100):
        _take(told, followed, events[start : start + 100])
    for _ in range(3):
        notification.send_due_mail(told.context, told.context.open_post)
    evaluation.announce_due_waves(followed.context)
    assert told.failures() == followed.failures() == []
    return told, followed


def _take(told, followed, events):
    told.take(*events)
    followed.take(*(e for e in events if isinstance(e, (PlacementPlaced, PlacementStarted))))


def pages(app, clock, person, start, language):
    """Every page that `person` reaches from `start` by links within its folder: address -> text."""
    client = app.test_client()
    with client.session_transaction() as session:
        session["person"], session["language"] = asdict(person), language
        session["began"] = session["seen"] = clock.now().timestamp()
    seen, ahead = {}, [start]
    while ahead and len(seen) < 60:
        address = ahead.pop()
        answer = client.get(address)
        assert answer.status_code == 200, f"{address} for {person.role}: {answer.status_code}"
        seen[address] = answer.get_data(as_text=True)
        links = re.findall(rf'href="({start}[^"#]*)"', seen[address])
        ahead += [link for link in dict.fromkeys(links) if link not in seen and "lang=" not in link]
    return seen


def test_the_check_finds_what_it_looks_for(rows):
    row = rows[0]
    assert row["family_name"] in found_in(f"Bonjour Madame {row['family_name']},", rows)
    assert row["avs_number"] in found_in(f"/referrals/{row['avs_number']}", rows)
    assert found_in("ISA-2026-000001 P-000001 23.11.2026 Sion", rows) == set()


def test_no_email_says_who_the_person_is(houses, rows):
    told, _ = houses
    letters = mails.newest(told.context.mail_folder, 1, 100_000, private=True)
    assert len(letters) > 1000
    assert found_in("\n".join(f"{m.id} {m.to} {m.subject}\n{m.body}" for m in letters), rows) == set()


def test_neither_store_holds_who_the_person_is(houses, rows):
    for house in houses:
        with house.context.reading() as session:
            held = [
                str(tuple(row._mapping.values()))
                for table in house.context.store.metadata.sorted_tables
                for row in session.execute(sa.select(table))
            ]
        assert len(held) > 100
        assert found_in("\n".join(held), rows) == set()


@pytest.mark.parametrize("language", ["fr", "de"])
@pytest.mark.parametrize("person", READERS, ids=lambda person: person.role)
def test_no_page_or_address_says_who_the_person_is(houses, rows, person, language):
    told, _ = houses
    app = notification_web.create_app(told.context)
    start = "/messages/deliveries/" if person.role in (people.OPERATOR, people.ADMINISTRATOR) else "/messages/"
    shown = pages(app, told.clock, person, start, language)
    assert len(shown) > 3
    assert found_in("\n".join([*shown, *shown.values()]), rows) == set()


def test_the_canton_sees_no_reference_and_the_evaluator_none_either(houses):
    told, followed = houses
    app = notification_web.create_app(told.context)
    for person in (READERS[2], READERS[3]):
        assert "ISA-" not in "\n".join(pages(app, told.clock, person, "/messages/", "fr").values())
    shown = pages(evaluation_web.create_app(followed.context), followed.clock, READERS[2], "/evaluation/", "fr")
    assert len(shown) > 20
    assert "ISA-" not in "\n".join([*shown, *shown.values()])


@pytest.mark.parametrize("language", ["fr", "de"])
def test_the_evaluations_pages_say_nothing_but_pseudonyms(houses, rows, language):
    _, followed = houses
    shown = pages(evaluation_web.create_app(followed.context), followed.clock, READERS[2], "/evaluation/", language)
    assert found_in("\n".join([*shown, *shown.values()]), rows) == set()
