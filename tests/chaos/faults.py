"""What can go wrong, each as one function. `Damage` does one to the house and says what it was."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ancrage.house import SERVICES
from chassis.faults import POINTS
from tests.chaos.house import House, bring_back
from tests.chaos.load import Load
from tests.chaos.processes import Process

#: services whose worker handles events; identity hears none, and says none under this load
LISTENING = ("referral", "placement", "evaluation", "notification")
#: those whose web processes commit under the load
ASKED = ("referral", "placement")
#: the points that a web process passes
WEB_POINTS = ("unit.before_commit", "unit.after_commit")
CRASH_POINT = "crash point"
#: seconds that an ordered death may wait for its moment
PATIENCE = 12.0


@dataclass
class Damage:
    """Does one fault after the other. What needs time to pass is undone by a timer, so that faults overlap."""

    house: House
    load: Load
    chance: random.Random
    done: dict[str, int] = field(default_factory=dict)
    points: set[str] = field(default_factory=set)  #: crash points at which somebody died
    left_out: list[str] = field(default_factory=list)
    _later: list[threading.Timer] = field(default_factory=list)
    _armed: list[tuple[Process, str, str]] = field(default_factory=list)  #: who, at which point, for which fault

    def do(self, kind: str) -> None:
        fault = KINDS[kind]
        fault(self)
        self.done[kind] = self.done.get(kind, 0) + 1

    def settle_orders(self, wait: float = PATIENCE) -> None:
        """Waits for the deaths that were ordered; one that found no occasion is taken back and not counted."""
        until = time.monotonic() + wait
        while time.monotonic() < until and any(process.orders.is_armed() for process, *_ in self._armed):
            time.sleep(0.2)
        for process, point, kind in self._armed:
            if not process.orders.disarm():
                self.points.add(f"{process.role} {point}")
            elif kind == CRASH_POINT:
                self.done[kind] -= 1
        self._armed.clear()

    def end(self) -> None:
        """Undoes what is still under way."""
        self.settle_orders()
        for timer in self._later:
            timer.join()

    def after(self, seconds: float, undo: Callable[[], None]) -> None:
        timer = threading.Timer(seconds, undo)
        timer.daemon = True
        timer.start()
        self._later = [each for each in self._later if each.is_alive()] + [timer]

    def process(self, role: str = "", services: tuple[str, ...] = SERVICES) -> Process:
        role = role or self.chance.choice(("worker", "worker", "web"))
        return self.house.processes[f"{role}-{self.chance.choice(services)}"]


def kill_worker(damage: Damage) -> None:
    damage.process("worker", (*LISTENING, *LISTENING, "identity")).kill()


def kill_web(damage: Damage) -> None:
    damage.process("web", (*ASKED, *ASKED, *SERVICES)).kill()


def crash_point(damage: Damage) -> None:
    """At each named point in turn, somebody dies at its next passing."""
    turn = damage.done.get(CRASH_POINT, 0)
    web = turn % 6 == 5
    point = WEB_POINTS[turn // 6 % 2] if web else POINTS[turn % len(POINTS)]
    process = damage.process("web", ("referral",)) if web else damage.process("worker", LISTENING)
    if process.orders.is_armed():
        damage.settle_orders(2)
    process.orders.crash_at(point)
    damage._armed.append((process, point, CRASH_POINT))


def _crash_at(point: str) -> Callable[[Damage], None]:
    """All who listen die at their next passing of `point`."""

    def crash(damage: Damage) -> None:
        for service in LISTENING:
            process = damage.house.processes[f"worker-{service}"]
            process.orders.crash_at(point)
            damage._armed.append((process, point, f"crash at {point}"))

    return crash


def leave(damage: Damage) -> None:
    """SIGTERM under load."""
    damage.process("", LISTENING).ask_to_leave()


def freeze_process(damage: Damage) -> None:
    """Such as a machine under a debugger, or one that swaps."""
    process = damage.process("worker", LISTENING)
    process.freeze()
    damage.after(damage.chance.uniform(0.5, 5), process.thaw)


def cut_broker(damage: Damage) -> None:
    damage.house.to_broker[damage.chance.choice(LISTENING)].cut()


def cut_store(damage: Damage) -> None:
    damage.house.to_store[damage.chance.choice(LISTENING)].cut()


def block_broker(damage: Damage) -> None:
    """The connection stands and nothing comes through."""
    wire = damage.house.to_broker[damage.chance.choice(LISTENING)]
    wire.block()
    damage.after(damage.chance.uniform(0.5, 4), wire.mend)


def refuse_store(damage: Damage) -> None:
    """The database refuses connections."""
    wire = damage.house.to_store[damage.chance.choice(LISTENING)]
    wire.unplug()
    damage.after(damage.chance.uniform(0.5, 4), wire.mend)


def kill_broker(damage: Damage) -> None:
    damage.house.rabbitmq.kill()
    time.sleep(damage.chance.uniform(0, 1.5))
    bring_back(damage.house.rabbitmq)


def restart_broker(damage: Damage) -> None:
    damage.house.rabbitmq.stop()
    bring_back(damage.house.rabbitmq)


def freeze_broker(damage: Damage) -> None:
    broker = damage.house.rabbitmq
    broker.freeze()
    time.sleep(damage.chance.uniform(0.5, 4))
    broker.thaw()


def hang_and_kill_broker(damage: Damage) -> None:
    """A machine that hangs and is switched off: what was sent to it meanwhile is gone."""
    damage.house.rabbitmq.freeze()
    time.sleep(damage.chance.uniform(1, 3))
    kill_broker(damage)


def fill_broker(damage: Damage) -> None:
    """Memory alarm: the broker takes nothing more from those who publish, and says so to nobody."""
    damage.house.rabbitmq.ctl("set_vm_memory_high_watermark", "absolute", "1MB")
    time.sleep(damage.chance.uniform(1, 4))
    damage.house.rabbitmq.ctl("set_vm_memory_high_watermark", "absolute", "1GB")


def restart_database(damage: Damage) -> None:
    damage.house.postgres.stop()
    time.sleep(damage.chance.uniform(0, 2))
    bring_back(damage.house.postgres)


def kill_database(damage: Damage) -> None:
    damage.house.postgres.kill()
    bring_back(damage.house.postgres)


def freeze_database(damage: Damage) -> None:
    """The server process that takes connections; those open go on."""
    damage.house.postgres.freeze()
    time.sleep(damage.chance.uniform(0.5, 3))
    damage.house.postgres.thaw()


def fill_disk(damage: Damage) -> None:
    """The disk under placement's store is full for a while."""
    if damage.house.disk is None:
        damage.left_out.append("full disk: no file system may be mounted here")
        return
    damage.house.fill_disk()
    damage.after(damage.chance.uniform(2, 6), damage.house.free_disk)


def shift_clock(damage: Damage) -> None:
    """One process's clock is wrong, by seconds or by hours, forwards or back; then it is put right."""
    process = damage.process("", LISTENING)
    process.orders.shift_clock(damage.chance.choice((-7200, -90, -5, 5, 90, 7200)))
    damage.after(damage.chance.uniform(2, 8), lambda: process.orders.shift_clock(0))


def send_poison(damage: Damage) -> None:
    """A message that kills the worker each time, until it is found out and parked."""
    damage.load.send_poison()


KINDS: dict[str, Callable[[Damage], None]] = {
    "worker killed": kill_worker,
    "web killed": kill_web,
    CRASH_POINT: crash_point,
    "SIGTERM": leave,
    "process frozen": freeze_process,
    "broker connection cut": cut_broker,
    "database connection cut": cut_store,
    "broker connection blocked": block_broker,
    "database refuses": refuse_store,
    "broker killed": kill_broker,
    "broker restarted": restart_broker,
    "broker frozen": freeze_broker,
    "broker hangs and dies": hang_and_kill_broker,
    "memory alarm": fill_broker,
    "database restarted": restart_database,
    "database killed": kill_database,
    "database frozen": freeze_database,
    "disk full": fill_disk,
    "clock jumps": shift_clock,
    "poison": send_poison,
    **{f"crash at {point}": _crash_at(point) for point in POINTS},
}
