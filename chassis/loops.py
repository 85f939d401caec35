"""What a worker does all day, each in a thread of the operating system: consume, relay, show that it lives.

Free of framework. A loop ends when `stopping` is set; a broker or a store that is down is said and waited for.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError

from chassis import cleanup, faults, sessions
from chassis.broker import Broker, BrokerUnreachable, Inlet
from chassis.consumer import Consumer
from chassis.context import Context
from chassis.failures import safe_message
from chassis.lease import lease_on
from chassis.message import Delivery
from chassis.migrations import is_migrated
from chassis.relay import Relay
from chassis.store import StoreUnreachable, is_unreachable
from chassis.vitals import BEAT_S, Heart, Vitals

log = structlog.get_logger(__name__)

BATCH = 100  #: messages in one transaction at most
CONFIRM_WAIT_S = 0.01
REST_S = 0.5  #: after so long without a sign the outbox is looked at all the same (what was refused, say)
PROBE_S = 1.0  #: between two looks at something that is down
RETRY_S = 1.0  #: between two looks for failures that are due
LEASE_S = 1.0
DEPTH_S = 2.0
RUSH = 60  #: messages a second from which on they are gathered: a batch costs about as much as ten of its messages
GATHER_S = 0.1  #: for how long; in a rush the wait is that of the queue, not ours
CLEAN_S = 60.0
CLEAN_BATCHES = 50  #: at a time; what is left has its turn a minute later
CLEAN_PAUSE_S = 0.05  #: between two batches, for whoever else writes


Errand = Callable[[Any], None]  #: (context)


class Pace:
    """Says every so often that it is time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next = 0.0

    def due(self) -> bool:
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + self._seconds
        return True


class Tide:
    """How many come in a second, of late."""

    WINDOW_S = 0.5

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._count = 0
        self._rate = 0.0

    def note(self, count: int) -> None:
        self._count += count
        passed = time.monotonic() - self._since
        if passed >= self.WINDOW_S:
            self._rate, self._count, self._since = self._count / passed, 0, self._since + passed

    @property
    def rushes(self) -> bool:
        return self._rate >= RUSH


class Loop:
    """A thread's work: waits for the store, then `run`s; starts again after trouble."""

    def __init__(self, context: Context, broker: Broker, vitals: Vitals) -> None:
        self.context = context
        self.broker = broker
        self.vitals = vitals
        self.stopping = threading.Event()
        self.log = log.bind(service=context.name)

    def __call__(self) -> None:
        self._when_migrated()
        while not self.stopping.is_set():
            try:
                self.run()
            except (BrokerUnreachable, StoreUnreachable) as trouble:
                self._wait_out(trouble)

    def run(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        """Asks it to end when it has finished what it is at."""
        self.stopping.set()

    def _wait_out(self, trouble: Exception) -> None:
        text = f"{type(trouble).__name__}: {trouble}"
        if self.vitals.trouble != text:
            self.log.warning("waiting", loop=type(self).__name__, trouble=text)
        self.vitals.trouble = text
        self.stopping.wait(PROBE_S)

    def _when_migrated(self) -> None:
        while not self.stopping.is_set():
            if self._asking_store(lambda: is_migrated(self.context.store)):
                return
            self._wait_out(StoreUnreachable("the store is down or not migrated yet (ancrage migrate)"))

    def _asking_store(self, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except Exception as error:
            if is_unreachable(error):
                return None
            raise


class ConsumerLoop(Loop):
    """Takes batches from the service's queue, and failures that are due."""

    def __init__(self, consumer: Consumer, broker: Broker, vitals: Vitals) -> None:
        super().__init__(consumer.context, broker, vitals)
        self._consumer = consumer
        self._retry, self._depth = Pace(RETRY_S), Pace(DEPTH_S)
        self._tide, self._full = Tide(), False

    def run(self) -> None:
        inlet = self.broker.inlet(self.context.name, self._consumer.types)
        self.log.info("consuming", types=len(self._consumer.types))
        self.vitals.consuming, self.vitals.trouble = True, None
        try:
            while not self.stopping.is_set():
                self._turn(inlet)
        finally:
            self.vitals.consuming = False
            inlet.close()

    def _turn(self, inlet: Inlet) -> None:
        if self._tide.rushes and not self._full:
            self.stopping.wait(GATHER_S)
        batch = inlet.receive(BATCH, timeout=0.1)
        self._tide.note(len(batch))
        self._full = len(batch) == BATCH
        if batch and self._take(inlet, batch):
            inlet.acknowledge(batch)
            faults.at(self.context.name, "consumer.after_acknowledge")
        if self._retry.due():
            self._asking_store(self._consumer.retry_due)
        if self._depth.due():
            self.vitals.queue_depth = inlet.depth()

    def _take(self, inlet: Inlet, batch: list[Delivery]) -> bool:
        """Handles a batch, however long the store is away; False where we were stopped meanwhile."""
        while not self.stopping.is_set():
            try:
                self._consumer.take(batch)
            except StoreUnreachable as trouble:
                self._wait_out(trouble)
                inlet.idle()
            else:
                self.vitals.trouble = None
                return True
        return False


class RelayLoop(Loop):
    """Sends the outbox as long as it holds the lease on the store."""

    def __init__(self, context: Context, broker: Broker, vitals: Vitals) -> None:
        super().__init__(context, broker, vitals)
        self._lease = lease_on(context.store)
        self._check = Pace(LEASE_S)
        self._tide = Tide()
        context.wake_relay = self._lease.wake

    def run(self) -> None:
        try:
            self.vitals.standby = not self._leased()
            if self.vitals.standby:
                self.stopping.wait(LEASE_S)
            else:
                self._relay()
        except DBAPIError as error:
            # its statements are always the same: whatever the store has against them will pass
            raise StoreUnreachable(safe_message(error)) from error
        finally:
            self.vitals.relaying = False
            self._lease.release()

    def _relay(self) -> None:
        relay = Relay(self.context, outlet := self.broker.outlet(self.context.name))
        self.log.info("relaying")
        self.vitals.relaying, self.vitals.trouble = True, None
        try:
            while not self.stopping.is_set() and (not self._check.due() or self._leased()):
                self._turn(relay)
        finally:
            outlet.close()

    def _turn(self, relay: Relay) -> None:
        relay.hear(CONFIRM_WAIT_S if relay.in_flight else 0)
        published = relay.publish_due()
        self._tide.note(published)
        relay.stamp()
        if self._tide.rushes:
            self.stopping.wait(GATHER_S)
        if not published and not relay.in_flight:
            self._lease.rest(REST_S)

    def _leased(self) -> bool:
        return self._lease.acquire()


class PromptLoop(Loop):
    """Does what has to follow a commit at once, whenever it is prompted; a last time when it is to stop."""

    def __init__(self, context: Context, broker: Broker, vitals: Vitals, errand: Errand) -> None:
        super().__init__(context, broker, vitals)
        self._errand, self._prompted = errand, threading.Event()
        context.prompt = self._prompted.set

    def run(self) -> None:
        while self._prompted.is_set() or not self.stopping.is_set():
            self._prompted.wait()
            self._prompted.clear()
            carry_out(self.context, "promptly", self._errand)

    def stop(self) -> None:
        super().stop()
        self._prompted.set()


def carry_out(context: Context, name: str, errand: Errand) -> None:
    """What a service does by itself. Where it fails that is said, and the next time it tries again."""
    try:
        errand(context)
    except Exception as error:
        if is_unreachable(error):
            log.warning("schedule waits for the store", service=context.name, schedule=name)
        else:
            log.exception("schedule failed", service=context.name, schedule=name)


class HeartLoop(Loop):
    """Writes the heartbeat."""

    def run(self) -> None:
        heart = Heart(self.context, self.vitals)
        while not self.stopping.wait(BEAT_S if self.vitals.ready else BEAT_S / 10):
            self._beat(heart)
        self.vitals.stopping = True
        self._beat(heart)

    def _beat(self, heart: Heart) -> None:
        # one that is missed says by its absence what it would have said
        with contextlib.suppress(DBAPIError):
            heart.beat()


class CleanupLoop(Loop):
    """Lets old rows go, as long as this worker holds the lease on the store."""

    def run(self) -> None:
        while not self.stopping.wait(CLEAN_S):
            if self.vitals.relaying:
                self._clean()

    def _clean(self) -> None:
        try:
            sent = self._some(cleanup.forget_sent)
            # copies of what has been handled may still stand in the queue
            handled = self._some(cleanup.forget_handled) if self.vitals.queue_depth == 0 else 0
            sessions.forget_old(self.context)
        except DBAPIError as error:
            self.log.warning("cleaning up waits", trouble=safe_message(error))
        else:
            if sent or handled:
                self.log.info("cleaned up", outbox=sent, inbox=handled)

    def _some(self, forget: Callable[[Context], int]) -> int:
        removed = 0
        for _ in range(CLEAN_BATCHES):
            removed += (count := forget(self.context))
            if count < cleanup.BATCH or not self.vitals.relaying or self.stopping.wait(CLEAN_PAUSE_S):
                break
        return removed
