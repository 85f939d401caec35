"""The steady load: made-up people referred, withdrawn, started and ended through the API and the host's pages.

Every answer is written down: what was confirmed to a caller is what the ledger holds the house to.
"""

import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from ancrage.demonstration.people import avs_number, made_up
from chassis.i18n import ZURICH
from tests.browser.site import COOKIE, Clerk, address_of, token_of
from tests.chaos.child import POISON_BORN
from tests.chaos.house import House

TIMEOUT = 8.0  #: seconds; a caller that waits longer for an answer does not know what became of it


@dataclass
class Confirmed:
    """What callers were told."""

    submitted: dict[str, str] = field(default_factory=dict)  #: reference -> AVS number
    refused: set[str] = field(default_factory=set)  #: AVS numbers answered 409: has an open referral
    withdrawn: set[str] = field(default_factory=set)
    started: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    poison: set[str] = field(default_factory=set)  #: references whose acceptance kills placement's worker
    answers: Counter[str] = field(default_factory=Counter)
    strange: list[str] = field(default_factory=list)  #: answers that nothing explains


class Load:
    """One caller, `pause` seconds between two calls. Runs in a thread until stopped."""

    def __init__(self, house: House, seed: int, pause: float = 0.15) -> None:
        self.house = house
        self.confirmed = Confirmed()
        self._chance = random.Random(f"load {seed}")  # noqa: S311 - nothing secret hangs on it
        self._people = made_up(1_000_000, seed)
        self._numbers = iter(range(10**6, 10**9))
        self._pause = pause
        self._stopping = threading.Event()
        self._unsure: list[dict[str, Any]] = []
        headers = {"Authorization": f"Bearer {house.token()}"}
        self._api = httpx.Client(base_url=house.url("referral"), headers=headers, timeout=TIMEOUT)
        self._host = self._sign_in()
        self._thread = threading.Thread(target=self._run, name="load", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(60)

    def _run(self) -> None:
        actions: list[Callable[[], object]] = [self.submit, self.try_again, self.withdraw, self.start_or_end]
        while not self._stopping.wait(self._pause):
            action = self._chance.choices(actions, (50, 6, 9, 35))[0]
            try:
                action()
            except (httpx.HTTPError, AssertionError) as error:
                self.confirmed.answers[type(error).__name__] += 1

    def submit(self, **different: Any) -> str | None:
        """The reference, where one was confirmed."""
        body = self._person() | different
        try:
            answer = self._api.post("/api/referrals", json=body)
        except httpx.HTTPError:
            self._unsure.append(body)
            raise
        return self._noted(answer, body)

    def _person(self) -> dict[str, Any]:
        # numbers that no two have: who is refused as a duplicate was sent before
        return next(self._people) | {"avs_number": avs_number(f"{next(self._numbers):09d}")}

    def _noted(self, answer: httpx.Response, body: dict[str, Any]) -> str | None:
        self._count(answer, "submit", (201, 409))
        if answer.status_code == 409:
            self.confirmed.refused.add(body["avs_number"])
        if answer.status_code != 201:
            return None
        reference: str = answer.json()["reference"]
        self.confirmed.submitted[reference] = body["avs_number"]
        return reference

    def try_again(self) -> None:
        """Sends again what nobody knows the fate of, or a person that is known to have a referral."""
        if self._unsure and self._chance.random() < 0.7:
            body = self._unsure.pop(self._chance.randrange(len(self._unsure)))
        elif self.confirmed.submitted:
            number = self._chance.choice(list(self.confirmed.submitted.values()))
            body = self._person() | {"avs_number": number}
        else:
            return
        self._noted(self._api.post("/api/referrals", json=body), body)

    def withdraw(self) -> None:
        if (reference := self._somebody()) is None:
            return
        answer = self._api.post(f"/api/referrals/{reference}/withdrawal", json={"reason": "other_solution"})
        self._count(answer, "withdraw", (200, 409))
        if answer.status_code == 200:
            self.confirmed.withdrawn.add(reference)

    def start_or_end(self) -> None:
        """Whoever has a place comes; whoever comes may leave."""
        if (reference := self._somebody(placed=True)) is None:
            return
        if reference not in self.confirmed.started:
            return self._act(reference, "start", self.confirmed.started)
        return self._act(reference, "end", self.confirmed.ended, reason="planned")

    def _somebody(self, placed: bool = False) -> str | None:
        """A reference; with `placed`, of somebody whose page says so."""
        closed = self.confirmed.withdrawn | self.confirmed.ended | self.confirmed.poison
        known = [reference for reference in self.confirmed.submitted if reference not in closed]
        for _ in range(6 if placed else 1):
            if not known:
                return None
            reference = self._chance.choice(known)
            if not placed or self._status(reference) in ("placed", "active"):
                return reference
        return None

    def _status(self, reference: str) -> str:
        answer = self._api.get(f"/api/referrals/{reference}")
        self._count(answer, "show", (200,))
        return str(answer.json()["status"]) if answer.status_code == 200 else ""

    def _act(self, reference: str, action: str, noted: set[str], **more: str) -> None:
        today = datetime.now(ZURICH)
        day = {f"on-{part}": str(getattr(today, part)) for part in ("day", "month", "year")}
        answer = self._host.client.post(
            f"/placement/participants/{reference}/{action}", data=day | more | self._host.token
        )
        # 404 and 409: placement has not heard of it yet, or something came between
        self._count(answer, action, (303, 404, 409, 422))
        if answer.status_code == 303:
            noted.add(reference)

    def _count(self, answer: httpx.Response, what: str, expected: tuple[int, ...]) -> None:
        self.confirmed.answers[f"{what} {answer.status_code}"] += 1
        if answer.status_code not in (*expected, 503):  # 503: the store is away, come back later
            self.confirmed.strange.append(f"{what}: {answer.status_code} {answer.text[:200]}")

    def send_poison(self) -> str | None:
        """Somebody eligible, whose acceptance placement's worker dies of; the reference."""
        reference = self.submit(
            birth_date=f"{POISON_BORN}-05-05",
            **dict.fromkeys(("social_assistance", "employment_unrealistic", "benefit_expected", "agrees"), "yes"),
            other_measure="no",
        )
        if reference:
            self.confirmed.poison.add(reference)
        return reference

    def _sign_in(self) -> Clerk:
        password = self.house.password()
        with httpx.Client(base_url=self.house.url("identity"), timeout=30) as client:
            typed = {"email": address_of("oseo"), "password": password}
            answer = client.post("/account/sign-in", data=typed | token_of(client, "/account/sign-in"))
            assert answer.status_code == 303, answer.text
            clerk = Clerk(self.house.url("placement"), client.cookies[COOKIE])
        clerk.__dict__["token"] = token_of(clerk.client, "/placement/")  # this process serves no /account/
        clerk.client.timeout = httpx.Timeout(TIMEOUT)
        return clerk
