"""What people do with the whole sample, by every way that there is; whatever is asked for and answered is noted."""

import json
import re
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
from kombu import Connection
from stdnum.ch import ssn

from ancrage.demonstration import rows
from services.referral.forms import SECTIONS
from services.referral.queries import sheets
from tests.browser import site as mailboxes
from tests.browser.desk import begin
from tests.browser.scenery import on, people_in
from tests.browser.site import Clerk, Site
from tests.system import until

AREAS = {mailboxes.CMS_SION: "sion-herens-conthey", mailboxes.CMS_VISP: "haut-valais"}
_SETTLED = {"placed", "waitlisted", "ineligible", "information_needed", "withdrawn", "ended"}
_FORMS = 6
_FHIR = ("ServiceRequest", "Task")
_LAYOUTS = {"csv": sheets.USUAL, "xlsx": {"kind": "xlsx"}}

Body = dict[str, Any]


class Life:
    """One system and its people. `answers` are all that were given, to pages and programs alike."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.sample = rows.from_file()
        self.answers: list[httpx.Response] = []
        self.references: list[str] = []
        self.failed: Body = self.sample[0]  #: whose event could not be handled

    def live(self) -> None:
        with self.site.api() as api:
            self._watch(api)
            self._refer(api)
            self._follow(api)
        self._host()
        self._break()
        self._administer()
        self._operate()

    def clerk(self, mailbox: str | None) -> Clerk:
        clerk = self.site.clerk(mailbox)
        self._watch(clerk.client)
        return clerk

    def _watch(self, client: httpx.Client) -> None:
        def note(answer: httpx.Response) -> None:
            answer.read()
            self.answers.append(answer)

        client.event_hooks["response"].append(note)

    # -- referring: section by section, as files, as calls --

    def _refer(self, api: httpx.Client) -> None:
        whole = [body for body in self.sample if rows.goes_all_the_way(body) and ssn.is_valid(body["avs_number"])]
        whole = whole[:_FORMS]
        rest = [body for body in self.sample if body not in whole]
        with self.clerk(mailboxes.CMS_SION) as worker:
            self._fill_in(worker, whole)
            self._import(worker, "csv", [body for body in rest if body["cms_area"] == AREAS[mailboxes.CMS_SION]][:20])
        with self.clerk(mailboxes.CMS_VISP) as worker:
            self._import(worker, "xlsx", [body for body in rest if body["cms_area"] == AREAS[mailboxes.CMS_VISP]])
        for body in self.sample:  # those who are there already are refused
            api.post("/api/referrals", json=body, headers={"Idempotency-Key": uuid.uuid4().hex})
        self.references = list(_all_references(api))
        for reference in self.references:
            until(lambda: api.get(f"/api/referrals/{reference}").json()["status"] in _SETTLED, 60)  # noqa: B023

    def _fill_in(self, worker: Clerk, bodies: Sequence[Body]) -> None:
        """All but two are sent: of those one stays a draft, and one is left with a mistake in it."""
        *sent, draft, wrong = bodies
        for body in sent:
            check = f"{begin(worker, body, list(SECTIONS)[1:-1])}/check"
            (version,) = re.findall(r'name="version" value="(\d+)"', worker.get(check).text)
            worker.send(check, version=version)
        begin(worker, sent[0])  # known already
        path = begin(worker, draft, ["contact"])
        typed = {"phone": draft["phone"], "saved": "0"} | worker.token
        worker.client.post(f"{path}/contact", data=typed, headers={"X-Requested-With": "ancrage-autosave"})
        wrong_draft = begin(worker, wrong)
        worker.client.post(f"{wrong_draft}/contact", data=worker.token | {"street": wrong["street"], "phone": "1"})
        for words in (sent[0]["family_name"], sent[0]["avs_number"], wrong["given_name"]):
            found = worker.send("/referrals/", search=words).headers["Location"]
            worker.get(f"{found}&lang=de")
        for page in ("/referrals/?show=drafts", path, f"{path}/identity", f"{path}?lang=de"):
            worker.get(page)

    def _import(self, worker: Clerk, kind: str, bodies: Sequence[Body]) -> None:
        """A file named after somebody in it, as people name files."""
        header = sorted({name for body in self.sample for name in body})
        lines = [[_cell(body.get(name, "")) for name in header] for body in bodies]
        file = (f"{bodies[0]['family_name']}.{kind}", sheets.write(_LAYOUTS[kind], header, lines))
        answer = worker.client.post("/referrals/imports/", data=worker.token, files={"file": file})
        page = answer.headers["Location"]
        for state in ("", "?rows=valid", "?rows=invalid", "?rows=duplicate", "/corrections"):
            worker.get(f"{page}{state}")
        worker.send(f"{page}/confirm")
        until(lambda: "Refresh" not in worker.get(page).headers, 60)

    # -- what comes after --

    def _follow(self, api: httpx.Client) -> None:
        for kind in _FHIR:
            found = api.get(f"/api/fhir/{kind}", params={"_count": 20}).json()
            api.get(f"/api/fhir/{kind}", params={"identifier": found["entry"][0]["resource"]["id"]})
            api.get(f"/api/fhir/{kind}/{self.references[0]}")
        with self.clerk(mailboxes.HEAD_SION) as head:
            placed = head.links("/referrals/?state=placed", '/referrals/ISA-[^/"]+')
            for path in placed[:3]:
                for page in ("", "/file", "/sent", "/costs", "/consent", "/withdraw", "/entered-in-error"):
                    head.get(path + page)
            head.send(f"{placed[2]}/consent", purpose="evaluation")
            head.send(f"{placed[3]}/withdraw", reason="health", note="")
            head.client.post(f"{placed[3]}/again", data=head.token)
            head.get(f"/retention/{_reference(placed[4])}")
            head.send(f"/retention/{_reference(placed[4])}", reason="person_asked", sure="yes")
            head.get("/audit/")
            head.get("/audit/audit.csv")
        self._lose_a_session(placed[0])

    def _lose_a_session(self, path: str) -> None:
        """A form that comes after the end of the session is kept, and sent again after the sign-in."""
        cookie = self.site.aged(self.site.cookie(mailboxes.CMS_SION), 3)
        with Clerk(self.site.url, cookie) as late:
            self._watch(late.client)
            token = late.client.get("/account/sign-in").text.split('name="csrf_token" value="')[1].split('"')[0]
            typed = {"note": self.sample[0]["family_name"], "reason": "health", "csrf_token": token}
            late.client.post(f"{path}/withdraw", data=typed)

    def _host(self) -> None:
        with self.clerk(mailboxes.OSEO) as host:
            today = datetime.now(UTC).date()
            first, second, *_others = people_in(host, "oseo-sion")
            host.send(f"{first}/start", **on(today))
            host.send(f"{second}/start", **on(today))
            host.send(f"{second}/end", reason="found_work", **on(today))
            for page in (first, second, "/placement/", "/placement/waiting/sion/fr", "/messages/"):
                host.get(page)
        with self.clerk(mailboxes.CMS_SION) as worker:
            path = f"/referrals/{_reference(first)}"
            periods = re.findall(r'name="period"[^>]*value="([^"]+)"', worker.get(f"{path}/costs").text)
            if periods:
                worker.client.post(f"{path}/costs", data=worker.token | {"period": periods[0], "amount": "1'200.–"})

    def _break(self) -> None:
        """A message about somebody that nobody understands, put onto a queue by hand."""
        data = {**self.failed, "region": 3}
        told = {
            "specversion": "1.0", "id": str(uuid.uuid4()), "source": "hand", "type": "referral.accepted.v1",
            "subject": self.references[0], "time": "2026-11-23T09:00:00+00:00", "data": data,
            "who": self.failed["family_name"],
        }  # fmt: skip
        with Connection(self.site.environ["ANCRAGE_AMQP_URL"]) as connection, connection.channel() as channel:
            headers = {"who": self.failed["given_name"]}
            message = channel.prepare_message(json.dumps(told).encode(), headers=headers)
            channel.basic_publish(message, "", "ancrage.placement.v1")
        until(lambda: self.site.json("failures", "list"))

    def _administer(self) -> None:
        with self.clerk(mailboxes.ADMINISTRATOR) as keeper:
            keeper.send("/account/people/new", name="New", role="sas", language="fr", email="new@sas.example")
            for page in ("/account/people/", "/retention/", "/referrals/rules/", "/referrals/tokens/"):
                keeper.get(page)
        with self.clerk(None) as nobody:
            for path, more in (("/account/sign-in", {"password": "guess"}), ("/account/forgotten", {})):
                nobody.client.post(path, data=nobody.token | {"email": _some_email(self.sample)} | more)

    def _operate(self) -> None:
        for mailbox in (mailboxes.OPERATOR, mailboxes.ADMINISTRATOR):
            with self.clerk(mailbox) as keeper:
                for page in operators_pages(self):
                    keeper.get(page)


def operators_pages(life: Life) -> list[str]:
    failures = [f"/console/failures/{each['service']}/{each['id']}" for each in life.site.json("failures", "list")]
    traces = [f"/console/trace/?reference={reference}" for reference in life.references[:3]]
    pages = ("/console/", "/console/failures/", "/messages/deliveries/", "/messages/mail/", "/audit/", "/retention/")
    return [*pages, *failures, *traces]


def _all_references(api: httpx.Client) -> Iterator[str]:
    asked: dict[str, Any] = {"limit": 50}
    while True:
        page = api.get("/api/referrals", params=asked).json()
        yield from (each["reference"] for each in page["referrals"])
        if not page["next"]:
            return
        asked["cursor"] = page["next"]


def _cell(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _reference(path: str) -> str:
    return next(part for part in path.split("/") if part.startswith("ISA-"))


def _some_email(sample: Sequence[Body]) -> str:
    return str(next(body["email"] for body in sample if body.get("email")))
