"""What goes wrong around the services, and time that passes."""

from chassis import faults
from tests.simulation.hand import Hand
from tests.simulation.post import ANSWERS
from tests.simulation.steps import Sort, step
from tests.simulation.troubles import ERRORS, HandlerTrouble
from tests.simulation.world import World

RESTS = 1  #: of a moment, in which retries and schedules have their turn, before work counts as done


@step(Sort.WORK)
def work(world: World, hand: Hand) -> str:
    turns, rests = hand.choice((5, 20, 60, 150)), 0
    for turn in range(turns):
        rests += not world.turn()
        if rests > RESTS:
            return f"the house works, {turn} turns, until nothing is left to do but wait"
    return f"the house works, {turns} turns"


@step(Sort.TIME, 4)
def time_passes(world: World, hand: Hand) -> str:
    amount = hand.choice(({"seconds": 5}, {"minutes": 2}, {"hours": 1}, {"hours": 6}))
    return _pass(world, amount)


@step(Sort.TIME, 2)
def days_pass(world: World, hand: Hand) -> str:
    return _pass(world, {"days": hand.choice((1, 3, 8))})


@step(Sort.TIME, 1)
def months_pass(world: World, hand: Hand) -> str:
    return _pass(world, {"days": hand.choice((31, 95, 190, 380))})


def _pass(world: World, amount: dict[str, int]) -> str:
    world.pass_time(**amount)
    return " ".join(f"{number} {unit} pass" for unit, number in amount.items())


def _service(world: World, hand: Hand) -> str:
    return hand.choice(sorted(world.parts))


@step(Sort.FAULT, 15)
def crash_at_a_point(world: World, hand: Hand) -> str:
    service, point, passings = _service(world, hand), hand.choice(faults.POINTS), hand.choice((1, 1, 2, 5))
    world.troubles.crashes[service, point] = passings
    return f"{service} will crash at {point}, passing {passings}"


@step(Sort.FAULT, 4)
def kill_a_worker(world: World, hand: Hand) -> str | None:
    if not world.workers:
        return None
    worker = hand.choice(world.workers)
    world.kill(worker)
    return f"a worker of {worker.name} is killed"


@step(Sort.FAULT, 2)
def hand_over(world: World, hand: Hand) -> str:
    """A new worker begins, and the old ones are told to stop."""
    name = _service(world, hand)
    old = [worker for worker in world.workers if worker.name == name]
    world.start(name)
    for worker in old:
        worker.stop()
    return f"a new worker of {name} takes over"


@step(Sort.FAULT, 4)
def a_second_worker(world: World, hand: Hand) -> str:
    name = _service(world, hand)
    world.start(name)
    return f"one more worker of {name} begins"


@step(Sort.FAULT, 4)
def store_away(world: World, hand: Hand) -> str:
    name = _service(world, hand)
    storage = world.parts[name].storage
    storage.away = not storage.away
    return f"the store of {name} is {'away' if storage.away else 'back'}"


@step(Sort.FAULT, 4)
def statement_fails(world: World, hand: Hand) -> str:
    name, left = _service(world, hand), hand.randint(0, 12)
    world.parts[name].storage.statements_left = left
    return f"the connection of {name} to its store will break after {left} statements"


@step(Sort.FAULT, 4)
def commit_unanswered(world: World, hand: Hand) -> str:
    name, left = _service(world, hand), hand.choice((0, 0, 1, 3))
    world.parts[name].storage.commits_left = left
    return f"{name} will commit and not hear of it, after {left} commits"


@step(Sort.FAULT, 6)
def handlers_raise(world: World, hand: Hand) -> str:
    name, error = _service(world, hand), hand.choice(sorted(ERRORS))
    times, afterwards = hand.choice((1, 2, 5, 12)), hand.chance(0.5)
    world.troubles.handlers[name] = HandlerTrouble(ERRORS[error], times, afterwards)
    return f"handlers of {name} will raise an error that is {error}, {times} times"


@step(Sort.FAULT, 2)
def a_deadly_event(world: World, hand: Hand) -> str:
    name = _service(world, hand)
    world.troubles.deadly[name] = 1
    return f"the next event of {name} will kill its worker each time"


@step(Sort.FAULT, 3)
def mail_is_refused(world: World, hand: Hand) -> str:
    answer, letters = hand.choice(sorted(ANSWERS)), hand.choice((1, 5, 20))
    world.post.refuse(answer, letters)
    return f"the mail server {answer}, {letters} times"


@step(Sort.FAULT, 6)
def a_connection_breaks(world: World, hand: Hand) -> str | None:
    connections = world.broker.connections
    if not connections:
        return None
    connection = hand.choice(connections)
    world.broker.cut(connection)
    return f"a connection of {connection.name} to the broker breaks"


@step(Sort.FAULT, 2)
def broker_goes_down(world: World, hand: Hand) -> str:
    if world.broker.down:
        world.broker.down = False
        return "the broker is back"
    world.broker.go_down()
    return "the broker goes down"


@step(Sort.FAULT, 4)
def copies_come(world: World, hand: Hand) -> str | None:
    queue = world.broker.queues[_service(world, hand)]
    if not queue.copies:
        return None
    bodies = [hand.choice(queue.copies) for _ in range(hand.choice((1, 5)))]
    for body in bodies:
        queue.put(body, hand)
    return f"{len(bodies)} copies come of what had come before"


@step(Sort.FAULT, 5)
def a_type_is_returned(world: World, hand: Hand) -> str:
    type = hand.choice(sorted(world.broker.bindings))
    world.broker.unbound ^= {type}
    return f"{type} is {'returned' if type in world.broker.unbound else 'bound again'}"


@step(Sort.FAULT, 2)
def a_queue_refuses(world: World, hand: Hand) -> str:
    name = _service(world, hand)
    world.broker.refusing ^= {name}
    return f"the queue of {name} {'refuses all' if name in world.broker.refusing else 'takes again'}"


GARBAGE = {
    "no JSON": b"\xff no json",
    "an unknown type": b'{"specversion":"1.0","id":"hand-1","source":"referral","type":"referral.unheard.v1",'
    b'"subject":"ISA-2026-000001","time":"2026-11-23T09:00:00+00:00","data":{}}',
    "a stranger's": b'{"specversion":"1.0","id":"hand-2","source":"hand","type":"referral.withdrawn.v1",'
    b'"subject":"ISA-2026-000001","time":"2026-11-23T09:00:00+00:00","data":{"reason":3}}',
}


@step(Sort.FAULT, 2)
def garbage_comes(world: World, hand: Hand) -> str:
    name, what = _service(world, hand), hand.choice(sorted(GARBAGE))
    world.broker.queues[name].put(GARBAGE[what], hand)
    return f"somebody puts a message on the queue of {name}: {what}"
