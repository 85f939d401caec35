"""Coming to rest: all is mended, workers run, and time passes until nobody has anything left to do."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from chassis import operations
from tests.simulation.ledger import Broken

if TYPE_CHECKING:
    from tests.simulation.world import World

SWEEPS = 1000  #: after so many it counts as never coming to rest
CALM = 2  #: sweeps in which nothing happens
MINUTE = 60  #: of such a sweep: by then every schedule has had its turn
OPERATOR = {"who": "operator", "why": "mended"}


def mend(world: "World") -> None:
    """Nothing goes wrong any more; what went wrong stays as it is."""
    world.troubles.heal()
    world.post.heal()
    world.broker.down = False
    world.broker.unbound.clear()
    world.broker.refusing.clear()
    for part in world.parts.values():
        part.storage.heal()


def come_to_rest(world: "World") -> None:
    calm = 0
    for _ in range(SWEEPS):
        calm = 0 if _sweep(world) else calm + 1
        if calm < CALM:
            continue
        due = _next_due(world)
        if due is None:
            return
        world.clock.set(max(due, world.clock.now()))
    raise Broken("rest", f"still at work after {SWEEPS} sweeps: {_left(world)}")


def _sweep(world: "World") -> bool:
    """Everybody has a turn; says whether anything happened or is still on its way."""
    before = world.changes
    for name in world.parts:
        if not any(worker.name == name for worker in world.workers):
            world.start(name)
    world.clock.move(seconds=0.03)
    for worker in world.hand.sample(world.workers, len(world.workers)):
        world.go_round(worker)
    while world.broker.busy:
        world.broker.turn()
    if world.changes == before and world.broker.empty:
        world.rest_a_while(MINUTE)
    world.check()
    return world.changes != before or not world.broker.empty or _unsent(world) > 0


def _unsent(world: "World") -> int:
    query = "SELECT COUNT(*) FROM outbox WHERE sent_at IS NULL"
    return sum(part.storage.value(query) for part in world.parts.values())


def _next_due(world: "World") -> datetime | None:
    """The time of the next retry of a failure or of an e-mail."""
    times = [
        part.storage.value("SELECT MIN(next_attempt_at) FROM failures WHERE state = 'retrying'")
        for part in world.parts.values()
    ]
    times.append(world.parts["notification"].storage.value("SELECT MIN(next_attempt_at) FROM deliveries"))
    return min((datetime.fromisoformat(f"{time}+00:00") for time in times if time), default=None)


def _left(world: "World") -> dict[str, Any]:
    return {"unsent": _unsent(world), "queues": {name: len(queue) for name, queue in world.broker.queues.items()}}


def operators_clear_up(world: "World") -> int:
    """All that is parked is tried again, now that all is mended; what was handled or never any of ours is discarded.

    Returns how many there were.
    """
    parked = 0
    for name, part in world.parts.items():
        for row in part.storage.rows("SELECT id, event_id FROM failures WHERE state = 'parked' ORDER BY id"):
            is_open = row["event_id"] in world.ledger.sent and row["event_id"] not in world.ledger.handled[name]
            (operations.retry if is_open else operations.discard)(part.context, row["id"], **OPERATOR)
            parked += 1
    return parked
