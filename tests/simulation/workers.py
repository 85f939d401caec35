"""A service as the simulation runs it: its real wiring, handlers and loops, on a store that outlives its processes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from unittest.mock import patch

from chassis import loops
from chassis.consumer import Consumer, Subscription
from chassis.context import Context
from chassis.loops import CleanupLoop, ConsumerLoop, Loop, PromptLoop, RelayLoop
from chassis.store import is_unreachable
from chassis.testing import FrozenClock
from chassis.vitals import Vitals
from chassis.worker import Service
from services.notification.handlers import sending
from tests.simulation.broker import SimulatedBroker
from tests.simulation.storage import Storage
from tests.simulation.turns import Thread, Threading, Time, wait


@dataclass
class Part:
    """One service of the house. `context` is that of its pages; each worker has a copy of it."""

    service: type[Service]
    context: Context
    storage: Storage
    subscriptions: list[Subscription]
    schedules: list[tuple[Callable[[Any], None], float]]

    @property
    def name(self) -> str:
        return self.service.name


class Lease:
    """As chassis.lease, on a store in memory: whoever has it keeps it until its process lets go."""

    holders: dict[str, "Lease"]

    def __init__(self, storage: Storage, holders: dict[str, "Lease"], clock: FrozenClock) -> None:
        self._storage = storage
        self._clock = clock
        self._holders = holders
        self._seen = -1
        self._awake = False

    def acquire(self) -> bool:
        return self._holders.setdefault(self._storage.name, self) is self

    def wake(self) -> None:
        self._awake = True

    def rest(self, seconds: float) -> None:
        wait(self._clock, seconds, self._is_stirred)
        self._awake, self._seen = False, self._storage.commits

    def _is_stirred(self) -> bool:
        return self._awake or self._seen != self._storage.commits

    def release(self) -> None:
        if self._holders.get(self._storage.name) is self:
            del self._holders[self._storage.name]


class Worker:
    """One worker process: the loops of chassis.loops, but for the heartbeat, on which nothing depends; schedules."""

    def __init__(self, part: Part, broker: SimulatedBroker) -> None:
        self.part = part
        self.vitals = Vitals()
        self.context = replace(part.context)
        consumer = Consumer(self.context, part.subscriptions, part.service.prepare)
        told: Any = (self.context, broker, self.vitals)  # a broker by its shape
        promptly = part.service.promptly
        self._loops: list[Loop] = [
            ConsumerLoop(consumer, *told[1:]),
            *([PromptLoop(*told, promptly)] if promptly else []),
            RelayLoop(*told),
            CleanupLoop(*told),
        ]
        self._loop_threads = [Thread(loop) for loop in self._loops]
        self.threads = self._loop_threads + [Thread(partial(self._keep, *each)) for each in part.schedules]

    @property
    def alive(self) -> bool:
        return any(not thread.dead for thread in self._loop_threads)

    @property
    def name(self) -> str:
        return self.part.name

    def go(self, thread: Thread) -> None:
        """Until the thread waits. Raises what a process dies of."""
        thread.switch()
        if self.vitals.stopping:
            self._stop_next()

    def stop(self) -> None:
        """SIGTERM: the consumer first, so that what it causes still goes out."""
        self.vitals.stopping = True
        self._stop_next()

    def _stop_next(self) -> None:
        for loop, thread in zip(self._loops, self._loop_threads, strict=True):
            if not thread.dead:
                loop.stop()
                return

    def kill(self) -> None:
        for thread in self.threads:
            thread.kill()

    def _keep(self, schedule: Callable[[Any], None], seconds: float) -> None:
        """As chassis.worker.Every does."""
        while not self.vitals.stopping:
            wait(self.context.clock, seconds)
            try:
                if self.vitals.consuming:
                    schedule(self.context)
            except Exception as error:
                if not is_unreachable(error):
                    raise


@contextmanager
def simulated_time(clock: FrozenClock, leases: Callable[[Any], Lease]) -> Iterator[None]:
    """Within it the loops read `clock`, wait by it, and are given `leases`."""
    with (
        patch.multiple(loops, time=Time(clock), threading=Threading(clock), lease_on=leases),
        patch.object(loops, "is_migrated", lambda store: store.engine is not None),
        patch.object(sending, "time", Time(clock)),
    ):
        yield
