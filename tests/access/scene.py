"""People in every standing, and an address of something that is there for every rule."""

import csv
from datetime import timedelta
from email import message_from_bytes, policy
from io import BytesIO, StringIO
from typing import Any

import sqlalchemy as sa

from chassis.clock import uuid7
from chassis.store import failures
from contracts import people
from contracts.people import REFERRALS_READ
from services.evaluation.store import participations as followed
from services.identity import handlers as identity
from services.identity.domain import Details
from services.notification.store import deliveries, messages
from services.placement import handlers as placing
from services.placement.domain import Mode
from services.referral.domain import IssueToken
from services.referral.domain.rules import ProposeRules
from services.referral.handlers import drafting, issue_token, ruling
from services.referral.store.tables import drafts, referrals
from tests.access.visitors import OWN, accounts_of
from tests.accounts import link_in
from tests.together import Together

#: a cell that a spreadsheet would take for a formula
FORMULA = '=HYPERLINK("https://formula.example")'
#: names that a rule of a page holds for a word of ours
_WORDS = {
    "<code>/completion": "t0/completion",
    "<region>/<language>": "sion/fr",
    "<language>.<kind>": "fr.csv",
    "/groups/<code>": "/groups/oseo-sion",
    "/partners/<code>": "/partners/sas",
    "<path:name>": "no-such-file",
    "<name>": "end",
    "<section>": "identity",
    "people/<id>/<action>": "people/<id>/invite-again",
    "<action>": "retry",
    "<service>": "placement",
}
_NOBODYS = "00000000-0000-7000-8000-000000000000"
_RULES = ProposeRules(minimum_age=18, reference_age=65, open_regions=("sion",), waived=(), note="Un essai.")
_TOKEN = IssueToken(organisation="elsewhere", areas=[OWN], scopes=[REFERRALS_READ], lasting=timedelta(days=1))


class Scene:
    """Sion's group has one place: `here` has it, `waiting` waits for it; `there` is in another CMS's area."""

    def __init__(self, world: Together) -> None:
        self.world = world
        self._narrow("oseo-sion")
        world.refer(social_assistance="no")  # its reference, the first of a year, stands in examples of documents
        self.told: dict[str, dict[str, Any]] = {}  #: what was sent, by reference
        self.here = self._refer(1)
        world.settle()
        self.waiting = self._refer(2, urgency="high", urgency_reason="Sans logement dès demain (Quodlibet).")
        self.there = self._refer(3, region="bas-valais")
        self.refused = self._refer(4, social_assistance="no")
        world.settle()
        self._do("placement", placing.start, self.here, world.clock.now().date())
        world.settle()
        self.failure = self._fail()
        told = {name: value for name, value in self.told[self.refused].items() if name != "cms_area"}
        self._do("referral", drafting.begin_draft, told, OWN, "account-1")
        #: part of a rule -> id of what stands there
        self.made = {
            "/take-over": self._do("referral", drafting.begin_draft, told, OWN, "account-1").id,
            "/referrals/imports/": self._upload("cms.sion"),
            "/referrals/rules/": self._do("referral", ruling.propose_rules, _RULES, "account-1").id,
            "/referrals/tokens/": self._do("referral", issue_token, _TOKEN, "account-1").id,
        }
        self.invited, self.link = self._invite()

    def form(self, rule: str) -> dict[str, str]:
        """What a form has to say to be answered at all; all others are sent empty."""
        if rule.endswith("/failures/<int:id>/<action>"):
            return {"who": "somebody", "why": "to see"}
        return {"reference": self.refused} if rule.endswith("/take-over") else {}

    def _refer(self, number: int, **more: Any) -> str:
        """Somebody of whom no word stands anywhere else by chance."""
        mark = ["Vexilla", "Gnomon", "Quartz", "Zephyr"][number - 1]
        own = {
            "family_name": f"{mark}matter", "given_name": f"{mark}ine", "street": f"Chemin du {mark} {number}",
            "phone": f"+41 79 555 70 8{number}", "email": f"{mark.lower()}@mail.example",
            "birth_date": f"19{70 + number}-0{number}-1{number}", "employment_reason": f"Santé fragile ({mark}).",
            "benefit_reason": f"Retrouver un rythme ({mark}).", "constraints": f"Mercredi pris par {mark}.",
        }  # fmt: skip
        reference, told = self.world.refer(**own | more)
        self.told[reference] = told
        return reference

    def address(self, rule: str, reference: str | None = None) -> str:
        """A path under the rule, of something of the CMS of Sion where that matters."""
        path = rule.replace("<reference>", reference or (self.refused if rule.endswith("/correct") else self.here))
        for part, word in _WORDS.items():
            path = path.replace(part, word)
        path = path.replace("<pseudonym>", str(self._one("evaluation", followed.c.pseudonym)))
        path = path.replace("<int:id>", str(self.failure if "placement" in path else 1))
        path = path.replace("<token>", self.link).replace("<id>", self.invited)
        return path.replace("<uuid:id>", self._id_for(path))

    def _id_for(self, path: str) -> str:
        for part, id in self.made.items():
            if part in path:
                return id
        if path.startswith("/evaluation/"):
            return str(self._one("evaluation", followed.c.id))
        if path.startswith("/messages/deliveries/"):
            return str(self._one("notification", deliveries.c.id))
        if path.startswith("/messages/mail/"):
            return str(self._one("notification", deliveries.c.id, deliveries.c.channel == "email"))
        if path.startswith("/messages/"):
            return str(self._one("notification", messages.c.id, messages.c.partner == "cms-sion-herens-conthey"))
        if path.startswith("/referrals/drafts/"):
            return str(self._one("referral", drafts.c.id))
        return _NOBODYS

    def pseudonym_of(self, reference: str) -> str:
        with self.world.contexts["referral"].reading() as session:
            query = sa.select(referrals.c.pseudonym).where(referrals.c.reference == reference)
            return str(session.scalars(query).one())

    def letters(self) -> list[str]:
        """Of every e-mail the id."""
        with self.world.contexts["notification"].reading() as session:
            return list(session.scalars(sa.select(deliveries.c.id).where(deliveries.c.channel == "email")))

    def _one(self, service: str, column: sa.Column[Any], *where: Any) -> Any:
        with self.world.contexts[service].reading() as session:
            return session.scalars(sa.select(column).where(column.is_not(None), *where).order_by(column)).first()

    def _narrow(self, code: str) -> None:
        one_place = placing.GroupSettings(name="OSEO Sion", capacity=1, is_open=True, mode=Mode.AUTOMATIC, offer_days=7)
        self._do("placement", placing.change_group, code, one_place)

    def _do(self, service: str, handler: Any, *arguments: Any) -> Any:
        with self.world.contexts[service].unit() as unit:
            return handler(unit, *arguments)

    def _upload(self, mailbox: str) -> str:
        """A file of one row that has to be corrected, with what would be a formula in it; its id."""
        clerk = self.world.visitor(accounts_of(self.world)[mailbox])
        told = self.told[self.refused] | {"avs_number": "756.1", "interests": "music", "constraints": f"'{FORMULA}"}
        file = StringIO()
        csv.writer(file, delimiter=";").writerows([told.keys(), told.values()])
        answer = clerk.send("/referrals/imports/", file=(BytesIO(file.getvalue().encode()), "liste.csv"))
        return str(answer.headers["Location"].rpartition("/")[2])

    def _invite(self) -> tuple[str, str]:
        """Somebody who has not answered an invitation yet: the account's id, and the secret of the link."""
        details = Details(email="invited@example.ch", name="Invited", role=people.SAS, language="fr")
        account = self._do("identity", identity.invite, details, "account-1")
        identity.send_due_letters(self.world.contexts["identity"])
        (letter,) = (self.world.folder / "mail").rglob("private/*.eml")
        told = message_from_bytes(letter.read_bytes(), policy=policy.default)
        return str(account.id), link_in(told).rpartition("/")[2]

    def _fail(self) -> int:
        """Something that placement could not handle, with all that was told of somebody in it."""
        now = self.world.clock.now()
        row = {
            "event_id": uuid7(), "type": "referral.accepted.v1", "subject": self.there, "source": "referral",
            "body": str(self.told[self.there]).encode(), "headers": {}, "state": "parked", "attempts": 6,
            "error_type": "ValueError", "message": "no", "first_at": now, "last_at": now,
        }  # fmt: skip
        with self.world.contexts["placement"].store.writing() as session:
            return int(session.execute(sa.insert(failures).values(row).returning(failures.c.id)).scalar_one())
