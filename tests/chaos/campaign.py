"""One run: load, faults, healing, rest, ledger."""

import random
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from ancrage import house as rooms
from chassis import operations
from chassis.context import Context
from chassis.store import failures, outbox
from tests.chaos import books
from tests.chaos.faults import Damage
from tests.chaos.house import House
from tests.chaos.ledger import Ledger, Told, draw_up
from tests.chaos.load import Confirmed, Load

REST_TIMEOUT = 240.0  #: seconds after the healing within which all must have come to rest
HELP_AFTER = 15.0  #: seconds after which an operator retries by hand what waits for its next attempt

Say = Callable[[str], None]


@dataclass
class Report:
    seed: int
    faults: dict[str, int]
    points: list[str]
    left_out: list[str]
    answers: dict[str, int]
    strange: list[str]
    deaths: int
    left_in_order: int
    disorderly: list[str]
    retrying: list[str]  #: failures that waited for their next attempt when all was healed
    came_to_rest: float | None  #: seconds after the healing; None: did not
    seconds: float
    ledger: Ledger = field(repr=False)

    @property
    def passed(self) -> bool:
        return not self.findings()

    def findings(self) -> list[str]:
        """What is wrong, a line each."""
        wrong = [f"{name}: {finding}" for name, found in self.ledger.wrongs() for finding in found]
        rest = [] if self.came_to_rest is not None else ["did not come to rest"]
        return [*wrong, *self.disorderly, *self.strange, *rest]


def run(house: House, kinds: Sequence[str], seconds: float, seed: int, say: Say, rest: float = REST_TIMEOUT) -> Report:
    """Does the faults `kinds` in their order, spread over `seconds` (longer where the machine is slow).

    Then it waits until all has come to rest, up to `rest` seconds.
    """
    chance = random.Random(seed)  # noqa: S311 - nothing secret hangs on it
    began = time.monotonic()
    load = Load(house, seed)
    damage = Damage(house, load, chance)
    load.start()
    time.sleep(2)  # something must be under way before something can be lost
    _break_things(damage, kinds, seconds, say)
    say("all faults are done; healing")
    damage.end()
    house.heal()
    time.sleep(2)
    load.stop()
    retrying = _retrying(house.contexts.values())
    rested = _rest(house, load.confirmed, say, rest)
    disorderly = house.supervisor.stop()
    return Report(
        seed=seed,
        faults=damage.done,
        points=sorted(damage.points),
        left_out=damage.left_out,
        answers=dict(sorted(load.confirmed.answers.items())),
        strange=load.confirmed.strange,
        deaths=house.supervisor.deaths,
        left_in_order=house.supervisor.left_in_order,
        disorderly=disorderly,
        retrying=retrying,
        came_to_rest=rested,
        seconds=time.monotonic() - began,
        ledger=_ledger(house, load.confirmed),
    )


def _break_things(damage: Damage, kinds: Sequence[str], seconds: float, say: Say) -> None:
    began = time.monotonic()
    for number, kind in enumerate(kinds, 1):
        due = began + seconds * (number - damage.chance.random()) / len(kinds)
        time.sleep(max(0.0, due - time.monotonic()))
        say(f"{time.monotonic() - began:6.1f} s  {number:3}/{len(kinds)}  {kind}")
        damage.do(kind)
        if number % 25 == 0:
            damage.settle_orders()


def _rest(house: House, confirmed: Confirmed, say: Say, patience: float) -> float | None:
    """Waits until nothing is under way any more; the seconds that it took."""
    began = time.monotonic()
    contexts = house.contexts

    def at_rest() -> bool:
        try:
            if time.monotonic() - began > HELP_AFTER:
                _help(contexts.values(), say)
            return house.ready() and not any(map(_is_busy, contexts.values())) and _all_arrived(contexts, confirmed)
        except sa.exc.DBAPIError:
            return False  # the database server is still recovering

    return time.monotonic() - began if _patiently(at_rest, patience) else None


def _patiently(ask: Callable[[], Any], seconds: float) -> bool:
    """Whether `ask()` came true in time; what it raises counts as not yet."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if ask():
            return True
        time.sleep(0.5)
    return False


def _is_busy(context: Context) -> bool:
    with context.reading() as session:
        unsent = session.scalar(sa.select(sa.func.count()).where(outbox.c.sent_at.is_(None)))
        retrying = session.scalar(sa.select(sa.func.count()).where(failures.c.state == "retrying"))
    return bool(unsent or retrying)


def _all_arrived(contexts: dict[str, Context], confirmed: Confirmed) -> bool:
    found = draw_up(books.read(contexts), subscribers(), _told(contexts, confirmed))
    return not found.lost and not _are_poisons_on_their_way(contexts, confirmed)


def _are_poisons_on_their_way(contexts: dict[str, Context], confirmed: Confirmed) -> bool:
    with contexts["placement"].reading() as session:
        parked = set(session.scalars(sa.select(failures.c.subject).where(failures.c.state == "parked")))
    return bool(confirmed.poison - parked)


def _help(contexts: Iterable[Context], say: Say) -> None:
    """As an operator would who sees that all is well again."""
    for context in contexts:
        for failure in operations.failures(context, state="retrying"):
            with suppress(operations.NotPossible, LookupError):  # the worker was faster
                operations.retry(context, failure["id"], who="chaos", why="everything works again")
                say(f"retried by hand: {_named(context, failure)}")


def _named(context: Context, failure: dict[str, Any]) -> str:
    return (
        f"{context.name} {failure['type']}, attempt {failure['attempts']}: {failure['error_type']} {failure['message']}"
    )


def _retrying(contexts: Iterable[Context]) -> list[str]:
    """What had failed under the faults and not been tried again yet when they ended."""
    return [_named(each, failure) for each in contexts for failure in operations.failures(each, state="retrying")]


def subscribers() -> dict[str, set[str]]:
    """The services that listen, by event type, as their workers say it."""
    from chassis.worker import subscriptions

    found: dict[str, set[str]] = {}
    for service in rooms.SERVICES:
        for subscription in subscriptions(rooms.worker_class(service)):
            found.setdefault(subscription.event_class.TYPE, set()).add(service)
    return found


def _ledger(house: House, confirmed: Confirmed) -> Ledger:
    contexts = house.contexts
    return draw_up(books.read(contexts), subscribers(), _told(contexts, confirmed))


def _told(contexts: dict[str, Context], confirmed: Confirmed) -> Told:
    hasher: Any = contexts["referral"].hasher  # type: ignore[attr-defined]
    return Told(
        submitted={reference: hasher.of(number) for reference, number in confirmed.submitted.items()},
        refused=[hasher.of(number) for number in confirmed.refused],
        withdrawn=confirmed.withdrawn,
        started=confirmed.started,
        ended=confirmed.ended,
        poison=confirmed.poison,
    )
