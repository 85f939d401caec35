"""A referral as somebody types it, the sample file's referrals, and one service to send them to."""

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import settings

from chassis.envelope import Envelope
from chassis.web import Person as SignedIn
from chassis.worker import subscriptions
from contracts.people import CMS
from contracts.referral import ReferralSubmitted
from services.referral import handlers
from services.referral.domain import Application, Person, Referral, Rules
from services.referral.forms import ReferralForm
from services.referral.queries import story_of
from services.referral.service import ReferralService
from tests.happenings import House, enveloped

#: for property tests: a machine with other things to do proves nothing wrong
patient = settings(deadline=None)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
AREA = "sion-herens-conthey"
RULES = Rules("2016-1", date(2016, 10, 1), 18, 65, ("sion", "bas-valais"))
SAMPLE = Path(__file__).parents[3] / "../shared/data/referrals_sample.csv"

#: valid AVS numbers, one a person
NUMBERS = ("756.1234.5678.97", "756.9217.0769.85", "756.1777.6317.03", "756.6258.5178.11")

SOCIAL_WORKER = SignedIn(id="account-1", name="Anne Rey", role=CMS, areas=(AREA,), language="fr")

_TYPED = {
    "avs_number": NUMBERS[0],
    "family_name": "Délèze",
    "given_name": "Zoé",
    "sex": "f",
    "birth_date": "1980-05-04",
    "language": "fr",
    "commune_bfs": "6265",
    "street": "Rue de la Source 21",
    "postal_code": "1965",
    "locality": "Savièse",
    "phone": "079 555 12 34",
    "email": "zoe@mail.example",
    "social_assistance": "yes",
    "employment_unrealistic": "yes",
    "employment_reason": "Santé fragile depuis des années.",
    "benefit_expected": "yes",
    "benefit_reason": "Retrouver un rythme.",
    "other_measure": "no",
    "agrees": "yes",
    "evaluation_consent": "yes",
    "availability": "mornings",
    "interests": ["music", "cooking"],
    "constraints": "Genou douloureux.",
    "urgency": "high",
    "urgency_reason": "Isolement marqué.",
    "referrer_name": "Anne Rey",
    "referrer_email": "anne.rey@cms.example",
    "cms_area": AREA,
}


def typed(**changes):
    """What is sent; `None` leaves a field out."""
    return {name: value for name, value in {**_TYPED, **changes}.items() if value is not None}


def command(**changes):
    return ReferralForm(TODAY).load(typed(**changes))


def application(**changes) -> Application:
    return command(**changes).application


def person(hash="h", pseudonym="P-1") -> Person:
    return Person(hash=hash, avs_sealed="sealed", pseudonym=pseudonym)


def draft(**changes) -> Referral:
    return Referral.draft("id-1", "ISA-2026-000001", person(), application(**changes), "account-1", NOW)


def seal(contact):
    return f"sealed {sorted(contact)}"


def sample():
    """Rows of the sample file: (what to send, expected outcome, expected reason)."""
    if not SAMPLE.exists():
        pytest.skip(f"{SAMPLE.name} is not beside the repository")
    with SAMPLE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        row["interests"] = row["interests"].split("|") if row["interests"] else []
    return [(_without_notes(row), row["expected"], row["expected_because"]) for row in rows]


def _without_notes(row):
    return {name: value for name, value in row.items() if name not in ("row", "expected", "expected_because")}


class Referrals(House):
    """The referral service on its own store."""

    def __init__(self, folder, database_url=None, **overrides):
        environ = {"ANCRAGE_REFERRAL_DATABASE_URL": database_url} if database_url else {}
        super().__init__(ReferralService, folder, environ, **{"pause": lambda _seconds: None} | overrides)
        self.subscriptions = list(subscriptions(ReferralService))
        self._decided = 0

    def submit(self, **changes) -> str:
        """Refers somebody; returns the reference."""
        return self.do(handlers.submit_referral, command(**changes), "account-1").reference

    def correct(self, reference, areas=(AREA,), **changes):
        return self.do(handlers.correct_referral, reference, command(**changes), "account-1", areas)

    def do(self, handler, *arguments):
        with self.context.unit() as unit:
            return handler(unit, *arguments)

    def decide(self):
        """Hears its own submissions, those it has not heard yet, as its queue would bring them."""
        told = [each for each in self.envelopes() if each.type == ReferralSubmitted.TYPE]
        self.take_raw(*(each.encode() for each in told[self._decided :]))
        self._decided = len(told)

    def accepted(self, **changes) -> str:
        reference = self.submit(**changes)
        self.decide()
        return reference

    def hear(self, *events):
        self.take_raw(*(enveloped(event) for event in events))
        assert self.failures() == []

    def envelope(self, event, id):
        return Envelope.decode(enveloped(event, id))

    def story(self, reference, areas=(AREA,)):
        with self.context.reading() as session:
            return story_of(session, reference, areas)

    def state(self, reference):
        return str(self.story(reference, ("all",)).referral.state)

    def noted(self, reference):
        """What the timeline holds: (type, data), in order."""
        return [(entry.type, dict(entry.data)) for entry in self.story(reference, ("all",)).timeline]


def house_on(kind, request, folder, **overrides):
    """The service on SQLite or on PostgreSQL."""
    url = request.getfixturevalue("database_url") if kind == "postgresql" else None
    return Referrals(folder, url, **overrides)
