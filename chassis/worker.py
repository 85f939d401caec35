"""The worker side: nameko carries the lifecycle, the schedules and what a service says it listens to.

eventlet's hub does nothing but that. All that touches a store or a broker runs in threads of the operating system,
so nothing is monkey-patched and a slow query never stops a heartbeat, a schedule's clock or an orderly end.
"""

import gc
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

with warnings.catch_warnings():
    # eventlet is in maintenance and says so at each import; nameko stands on it (docs/decisions)
    warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated", category=Warning)
    import eventlet
    from eventlet import tpool
    from nameko.extensions import ENTRYPOINT_EXTENSIONS_ATTR, Entrypoint, SharedExtension
    from nameko.runners import ServiceRunner
    from nameko.timer import Timer

import structlog

from chassis import audit, faults
from chassis.broker import Broker, open_broker
from chassis.consumer import Consumer, Prepare, Subscription
from chassis.context import Context
from chassis.loops import CleanupLoop, ConsumerLoop, Errand, HeartLoop, Loop, PromptLoop, RelayLoop, carry_out
from chassis.settings import Settings
from chassis.vitals import Vitals

log = structlog.get_logger(__name__)

STOP_DEADLINE_S = 20.0  #: what is not finished by then goes back to the queue
_WATCH_S = 0.2
#: how long a thread that computes keeps another waiting. With Python's 5 ms so much lay between a commit and the
#: relay's look into the outbox
SWITCH_S = 0.0005


class Machinery(SharedExtension):
    """One per service: its consumer, relay, clean-up and heartbeat, each in its own thread."""

    def setup(self) -> None:
        service, config = self.container.service_cls, self.container.config
        self.context: Context = service.wire(config["settings"])
        self.vitals = Vitals()
        broker: Broker = config["brokers"](service.name)
        consumer = Consumer(self.context, list(subscriptions(service)), service.prepare)
        relaying = RelayLoop(self.context, broker, self.vitals)
        cleaning = CleanupLoop(self.context, broker, self.vitals)
        beating = HeartLoop(self.context, broker, self.vitals)
        prompting = [PromptLoop(self.context, broker, self.vitals, service.promptly)] if service.promptly else []
        #: in the order in which they stop: what one causes still goes out through those behind it
        self.loops: list[Loop] = [ConsumerLoop(consumer, broker, self.vitals), *prompting, relaying, cleaning, beating]

    def start(self) -> None:
        self._threads = [_Thread(loop) for loop in self.loops]
        for thread in self._threads:
            thread.start()
        self.container.spawn_managed_thread(self._watch)

    def _watch(self) -> None:
        """A thread that dies of a mistake of ours takes the process with it: whoever runs it starts it anew."""
        while not self.vitals.stopping:
            eventlet.sleep(_WATCH_S)
            for thread in self._threads:
                if thread.error:
                    raise thread.error

    def stop(self) -> None:
        """Not ready any more; finishes what is running."""
        self.vitals.stopping = True
        with eventlet.Timeout(STOP_DEADLINE_S, False):
            for thread in self._threads:
                thread.loop.stop()
                while thread.is_alive():
                    eventlet.sleep(0.01)
        self.context.store.dispose()
        log.info("stopped", service=self.context.name)

    def kill(self) -> None:
        for thread in self._threads:
            thread.loop.stop()


class _Thread(threading.Thread):
    """Daemonic: past the deadline the process may end without it; its transaction is rolled back."""

    def __init__(self, loop: Loop) -> None:
        super().__init__(name=f"{loop.context.name}.{type(loop).__name__}", daemon=True)
        self.loop = loop
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self.loop()
        except Exception as error:
            log.exception("died", thread=self.name)
            self.error = error


class On(Entrypoint):
    """A method that handles events: `(unit, event)`, inside the batch's transaction."""

    machinery = Machinery()

    def __init__(self, *event_classes: Any, **kwargs: Any) -> None:
        self.event_classes = event_classes
        super().__init__(**kwargs)


class Every(Timer):
    """A method called with the context every so many seconds; it opens its own units of work."""

    machinery = Machinery()

    def __init__(self, seconds: float, **kwargs: Any) -> None:
        super().__init__(interval=seconds, **kwargs)

    def handle_timer_tick(self) -> None:
        try:
            tpool.execute(self._tick)
        finally:
            self.worker_complete.send()

    def _tick(self) -> None:
        if self.machinery.vitals.consuming:
            errand = getattr(self.container.service_cls(), self.method_name)
            carry_out(self.machinery.context, self.method_name, errand)


on = On.decorator
every = Every.decorator


class Service:
    """What a service's class in `service.py` builds on.

    `wire` makes its context out of the settings; `prepare` loads what a batch needs at once; `promptly` does
    what has to follow a commit of this process at once, when its context is prompted.
    """

    name: str
    wire: Callable[[Settings], Context]
    prepare: Prepare | None = None
    promptly: Errand | None = None

    @every(seconds=5)
    def seal_audit(self, context: Context) -> None:
        """Takes what was noted since into the chain."""
        audit.seal(context)

    @every(seconds=3600)
    def let_the_old_go(self, context: Context) -> None:
        """Cuts off the audit whose time is over, and leaves nothing in SQLite's journal of what was erased."""
        audit.cut(context, context.clock.now() - timedelta(days=context.settings.audit_days))
        context.store.scrub()


def subscriptions(service: type[Service]) -> Iterator[Subscription]:
    """What the service's `@on` methods listen to."""
    instance = service()
    for name in dir(service):
        for entrypoint in getattr(getattr(service, name), ENTRYPOINT_EXTENSIONS_ATTR, ()):
            for event_class in getattr(entrypoint, "event_classes", ()):
                yield Subscription(event_class, getattr(instance, name))


def schedules(service: type[Service]) -> Iterator[tuple[Callable[[Context], None], float]]:
    """The service's `@every` methods, each with its seconds."""
    instance = service()
    for name in dir(service):
        for entrypoint in getattr(getattr(service, name), ENTRYPOINT_EXTENSIONS_ATTR, ()):
            if isinstance(entrypoint, Every):
                yield getattr(instance, name), entrypoint.interval


def declare(services: Sequence[type[Service]], settings: Settings) -> None:
    """Makes the queues and bindings of all `services`; raises BrokerUnreachable.

    To be done before anyone publishes: an event bound to one queue only would pass the others by.
    """
    for service in services:
        types = [subscription.event_class.TYPE for subscription in subscriptions(service)]
        open_broker(settings.broker_url(service.name)).declare(service.name, types)


def run_workers(services: Sequence[type[Service]], settings: Settings) -> None:
    """Runs the services' workers in this process until SIGTERM or SIGINT; raises what a worker died of."""
    faults.install_from_environment()
    sys.setswitchinterval(SWITCH_S)
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    runner = ServiceRunner({"settings": settings, "brokers": _brokers(services, settings)})
    for service in services:
        runner.add_service(service)
    runner.start()
    # what is there now stays: looking through all of it for garbage took a tenth of a worker's time
    gc.freeze()
    waiting = eventlet.spawn(runner.wait)
    while not ending.is_set() and not waiting.dead:
        eventlet.sleep(_WATCH_S / 4)
    if waiting.dead:
        waiting.wait()
    runner.stop()


def _brokers(services: Sequence[type[Service]], settings: Settings) -> Callable[[str], Broker]:
    """Each service's broker. The embedded one is shared, and knows all queues before the first event."""
    if not settings.embedded:
        return lambda name: open_broker(settings.broker_url(name))
    shared = open_broker(settings.amqp_url)
    for service in services:
        shared.declare(service.name, [s.event_class.TYPE for s in subscriptions(service)])
    return lambda name: shared
