"""Sends referrals at a chosen pace and follows all of them until each is decided."""

import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from ancrage.demonstration.journey import Journey
from ancrage.demonstration.rows import Body
from ancrage.trouble import Exit, Trouble

#: referrals sent at the same time
SENDERS = 4
#: referrals asked after in one round: the oldest are decided first, asking for all would only slow the system
ASKED_PER_ROUND = 25
#: seconds between two rounds, and without any progress before giving up
PAUSE, PATIENCE = 0.1, 60.0


class Door(Protocol):
    """What is needed of the API (ancrage.demonstration.api.Api)."""

    def send(self, body: Body) -> tuple[str | None, str]: ...

    def view(self, reference: str) -> dict[str, Any]: ...


class Sending:
    """`journeys` sent in their order, at most `rate` a second where one is given."""

    def __init__(self, api: Door, journeys: Sequence[Journey], rate: float | None = None) -> None:
        self.api = api
        self.journeys = journeys
        self.rate = rate
        self._next = iter(enumerate(journeys))
        self._taking = threading.Lock()
        self._stop = threading.Event()
        self._error: Trouble | None = None
        self._started = time.monotonic()

    def rounds(self) -> Iterator[None]:
        """Yields after each round of asking; ends when all are decided.

        Raises Trouble when the API is gone, or when nothing moves for `PATIENCE` seconds.
        """
        senders = [threading.Thread(target=self._send, daemon=True) for _ in range(SENDERS)]
        for sender in senders:
            sender.start()
        try:
            yield from self._follow()
        finally:
            self._stop.set()

    def _send(self) -> None:
        while (taken := self._take()) is not None and not self._stop.is_set():
            try:
                taken.reference, taken.refusal = self.api.send(taken.body)
            except Trouble as trouble:
                self._error = trouble
                self._stop.set()

    def _take(self) -> Journey | None:
        """The next one, when it is its turn."""
        with self._taking:
            number, journey = next(self._next, (0, None))
            if journey is not None and self.rate:
                self._stop.wait(max(0.0, self._started + number / self.rate - time.monotonic()))
            return journey

    def _follow(self) -> Iterator[None]:
        moved_at = time.monotonic()
        while not all(journey.settled for journey in self.journeys):
            if self._error is not None:
                raise self._error
            if self._ask() or self._waiting_for_a_turn():
                moved_at = time.monotonic()
            elif time.monotonic() - moved_at > PATIENCE:
                raise Trouble(self._stuck(), Exit.UNWELL)
            yield
            self._stop.wait(PAUSE)

    def _ask(self) -> bool:
        """Asks after the oldest undecided ones; whether anything was new."""
        undecided = [journey for journey in self.journeys if journey.reference and not journey.settled]
        news = [journey.learn(self.api.view(journey.reference or "")) for journey in undecided[:ASKED_PER_ROUND]]
        return any(news)

    def _waiting_for_a_turn(self) -> bool:
        return self.rate is not None and not all(journey.sent for journey in self.journeys)

    def _stuck(self) -> str:
        waiting = sum(not journey.settled for journey in self.journeys)
        return f"{waiting} referrals are not decided after {PATIENCE:.0f} s without progress; see: ancrage status"
