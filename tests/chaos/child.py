"""Starts `ancrage worker` or `ancrage web` of one service, with what the harness must be able to do to it.

`python -m tests.chaos.child worker placement …` is `ancrage worker placement …`, with three additions: it dies at the
point it is ordered to (`chassis.faults`), its clock can be shifted while it runs (unlike libfaketime this leaves the
monotonic clock and the drivers' own time-outs alone, as a wall clock that jumps does), and the poison kills it.
ANCRAGE_CHAOS_PLANTED puts a fault of design in, to show that the ledger finds it.
"""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from chassis import clock, faults
from tests.chaos.orders import FOLDER, Orders

#: birth year of the poison: placement's worker dies whenever it is about to handle its acceptance
POISON_BORN = 1963

PLANTED = "ANCRAGE_CHAOS_PLANTED"


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def obey(orders: Orders) -> None:
    """Has the process look at its orders at each point it passes, and whenever it asks what time it is."""

    def at(_service: str, point: str) -> None:
        if orders.dies_at(point):
            die()

    def now(_self: clock.SystemClock) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=orders.clock_is_off_by())

    faults.install(at)
    clock.SystemClock.now = now  # type: ignore[method-assign, assignment]


def poison(service: str) -> None:
    """Has the worker die of one message, each time, before anything of it is committed."""
    from chassis.consumer import Consumer

    run = Consumer._run

    def deadly(self: Consumer, unit: Any, messages: Sequence[Any]) -> None:
        if service == "placement" and any(getattr(m.event, "birth_year", 0) == POISON_BORN for m in messages):
            die()
        run(self, unit, messages)

    Consumer._run = deadly  # type: ignore[method-assign]


def acknowledge_before_commit() -> None:
    """The most common fault there is: what was received counts as done before it is."""
    from chassis.loops import ConsumerLoop

    take = ConsumerLoop._take

    def hasty(self: ConsumerLoop, inlet: Any, batch: list[Any]) -> bool:
        inlet.acknowledge(batch)
        take(self, inlet, batch)
        return False

    ConsumerLoop._take = hasty  # type: ignore[method-assign]


def forget_the_inbox() -> None:
    """Handles whatever comes, as if it came for the first time."""
    from chassis.consumer import Consumer

    claim = Consumer._claim

    def careless(self: Consumer, session: Any, messages: Sequence[Any], *more: Any) -> list[Any]:
        claim(self, session, messages, *more)
        return list(messages)

    Consumer._claim = careless  # type: ignore[method-assign, assignment]


def stamp_before_the_confirm() -> None:
    """Takes for sent what was only written to the connection; waits a little, so that there is time to fall over."""
    from chassis.relay import Outcome, Relay

    hear = Relay.hear

    def believing(self: Relay, timeout: float = 0) -> None:
        known = [Outcome(event_id) for event_id in self._in_flight]
        outlet, self._outlet = self._outlet, _Believed(self._outlet, known)  # type: ignore[assignment]
        try:
            hear(self, timeout)
        finally:
            self._outlet = outlet

    Relay.hear = believing  # type: ignore[method-assign]


class _Believed:
    def __init__(self, outlet: Any, known: list[Any]) -> None:
        self._known = known

    def outcomes(self, timeout: float) -> list[Any]:
        return self._known


FAULTS_OF_DESIGN: dict[str, Callable[[], None]] = {
    "acknowledge-before-commit": acknowledge_before_commit,
    "no-inbox": forget_the_inbox,
    "stamp-before-confirm": stamp_before_the_confirm,
}


def main(arguments: list[str]) -> None:
    role, service = arguments[:2]
    obey(Orders(Path(os.environ[FOLDER]), f"{role}-{service}"))
    if role == "worker":
        poison(service)
        if planted := os.environ.get(PLANTED):
            FAULTS_OF_DESIGN[planted]()
    from ancrage.cli import main as ancrage

    sys.argv = ["ancrage", *arguments]
    ancrage()


if __name__ == "__main__":
    main(sys.argv[1:])
