"""The whole house in one process: five services, a broker, a clock and a mail server, one turn at a time."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import structlog

from chassis import faults
from chassis.consumer import Subscription
from chassis.i18n import ZURICH
from chassis.operations import NotPossible
from chassis.settings import SHORTEST_INBOX_DAYS, Settings
from chassis.store import is_unreachable
from chassis.testing import Crash, FrozenClock, SequentialIds
from chassis.worker import Service, schedules, subscriptions
from services.evaluation.domain import EvaluationError
from services.evaluation.service import EvaluationService
from services.identity.domain import AccountNotFound, NotOneself
from services.identity.service import IdentityService
from services.notification.domain import NotificationError
from services.notification.service import NotificationService
from services.placement.domain import PlacementError
from services.placement.service import PlacementService
from services.referral.domain import ReferralError
from services.referral.service import ReferralService
from tests.simulation.always import check_always
from tests.simulation.broker import SimulatedBroker
from tests.simulation.hand import Hand
from tests.simulation.ledger import Broken, Ledger
from tests.simulation.post import MailServer
from tests.simulation.storage import Storage
from tests.simulation.troubles import Troubles
from tests.simulation.turns import Thread
from tests.simulation.workers import Lease, Part, Worker, simulated_time

SERVICES: tuple[type[Service], ...] = (
    ReferralService,
    PlacementService,
    EvaluationService,
    NotificationService,
    IdentityService,
)
BEGIN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
#: days after which rows and people are forgotten: few enough for a story
FORGETFUL = {"OUTBOX": 7, "INBOX": SHORTEST_INBOX_DAYS, "RETENTION": 200}
REFUSALS: tuple[type[Exception], ...] = (ReferralError, PlacementError, EvaluationError, NotificationError)
REFUSALS += (AccountNotFound, NotOneself, NotPossible)


class World:
    """Begins anew with each seed; what is dear to make (stores, contexts) is made once."""

    def __init__(self) -> None:
        self.hand = Hand()
        self.clock = FrozenClock(BEGIN)
        self.troubles = Troubles()
        self.post = MailServer()
        self.parts = {service.name: self._part(service) for service in SERVICES}
        self.types = {name: {s.event_class.TYPE for s in part.subscriptions} for name, part in self.parts.items()}
        self.begin_anew()

    def _part(self, service: type[Service]) -> Part:
        like = service.wire(_settings())
        storage = Storage(like.store)
        more = {"new_pseudonym": lambda: f"P-{self._count()}"} if service is ReferralService else {}
        more |= {"open_post": lambda: self.post} if service is NotificationService else {}
        wire: Any = service.wire
        context = wire(_settings(), store=storage.store, clock=self.clock, new_id=self._next_id, **more)
        part = Part(service, context, storage, [], list(schedules(service)))
        part.subscriptions = [self._watched(part, each) for each in subscriptions(service)]
        return part

    def _next_id(self) -> str:
        return self._ids()

    def _count(self) -> int:
        return int(self._ids()[-12:])

    def _watched(self, part: Part, subscription: Subscription) -> Subscription:
        def handle(unit: Any, event: Any) -> None:
            self.troubles.before_handling(part.name, unit.cause.id)
            subscription.handle(unit, event)
            self.troubles.after_handling(part.name, unit.cause.id)
            self.ledger.handling[part.name].append(unit.cause.id)

        return Subscription(subscription.event_class, handle)

    def begin_anew(self) -> None:
        self.clock.set(BEGIN)
        self._ids = SequentialIds()
        self.troubles.heal()
        self.post.begin_anew()
        self.leases: dict[str, Lease] = {}
        self.ledger = Ledger(self.types)
        for part in self.parts.values():
            part.storage.begin_anew()
            self.ledger.watch(part.storage)
        self.broker = SimulatedBroker(self.clock, self.hand)
        for name, types in self.types.items():
            self.broker.declare(name, sorted(types))
        self.workers: list[Worker] = []
        self.told: list[str] = []

    @contextmanager
    def running(self) -> Iterator["World"]:
        """A seed's whole life: from the first turn until all processes have ended."""
        with ExitStack() as stack:
            stack.enter_context(simulated_time(self.clock, self._lease))
            stack.enter_context(_silent())
            faults.install(self.troubles.pass_point)
            stack.callback(faults.install, None)
            self.begin_anew()
            stack.callback(self._end)
            yield self

    def _end(self) -> None:
        for worker in self.workers:
            worker.kill()

    def _lease(self, store: Any) -> Lease:
        return Lease(self.parts[store.name].storage, self.leases, self.clock)

    def tell(self, said: str) -> None:
        """A line of the story."""
        self.told.append(said)

    # one turn

    def turn(self) -> bool:
        """One thing happens, somewhere; False where nobody had anything to do but wait."""
        acts = self._acts()
        if acts:
            self.hand.choice(acts)()
        else:
            self.rest_a_while(1)
        self.check()
        return bool(acts)

    @property
    def changes(self) -> int:
        """Grows with each row that is written anywhere."""
        return sum(part.storage.changes for part in self.parts.values())

    def _acts(self) -> list[Callable[[], None]]:
        acts: list[Callable[[], None]] = [self.broker.turn] * 3 if self.broker.busy else []
        acts += [lambda n=name: self.start(n) for name in self.parts if not self._runs(name)]  # type: ignore[misc]
        for worker in self.workers:
            acts += [
                lambda w=worker, t=thread: self.go(w, t)  # type: ignore[misc]
                for thread in worker.threads
                if self.is_ready(thread)
            ]
        return acts

    def rest_a_while(self, seconds: float) -> None:
        """Nobody has anything to do: time passes, so that everybody looks around, and schedules have their turn."""
        self.clock.move(seconds=seconds)
        for worker in self.hand.sample(self.workers, len(self.workers)):
            self.go_round(worker)

    def go_round(self, worker: Worker) -> None:
        """Each of its threads that can go on does."""
        for thread in worker.threads:
            if worker in self.workers and self.is_ready(thread):
                self.go(worker, thread)

    def is_ready(self, thread: Thread) -> bool:
        if thread.dead:
            return False
        return not thread or thread.ready() or (thread.until is not None and thread.until <= self.clock.now())

    def _runs(self, name: str) -> bool:
        return any(worker.name == name for worker in self.workers)

    def start(self, name: str) -> None:
        self.workers.append(Worker(self.parts[name], self.broker))

    def go(self, worker: Worker, thread: Thread) -> None:
        with self._life_of(worker):
            worker.go(thread)
        if not worker.alive and worker in self.workers:
            self.kill(worker)

    @contextmanager
    def _life_of(self, worker: Worker) -> Iterator[None]:
        try:
            yield
        except Crash as crash:
            self.tell(f"    {crash}: dead")
            self.kill(worker)
        except Exception as error:
            if not is_unreachable(error):
                raise Broken("death", f"a worker of {worker.name} died of {error!r}") from error

    def kill(self, worker: Worker) -> None:
        worker.kill()
        self.workers.remove(worker)

    # pages

    def page(self, name: str, command: Callable[[Any], Any]) -> str:
        """A page of the service carries out a command; what came of it, in a word or two."""

        def carry_out() -> Any:
            with self.parts[name].context.unit() as unit:
                return command(unit)

        return self.attempt(carry_out)

    def attempt(self, deed: Callable[[], Any]) -> str:
        """A refusal is an answer too; what nobody has foreseen is not."""
        try:
            return str(deed() or "done")
        except Crash as crash:
            return f"the page's process dies, {crash}"
        except REFUSALS as refusal:
            return f"refused, {type(refusal).__name__}"
        except Exception as error:
            if is_unreachable(error):
                return "the store is away"
            raise Broken("page", f"a page failed with {error!r}") from error

    def discarded(self) -> set[str]:
        """Subjects of which somebody has discarded an event: from then on nobody can promise much about them.

        A copy of what had been handled was none.
        """
        query = "SELECT event_id, subject FROM failures WHERE state = 'discarded'"
        return {
            row["subject"]
            for part in self.parts.values()
            for row in part.storage.rows(query)
            if row["event_id"] in self.ledger.sent and row["event_id"] not in self.ledger.handled[part.name]
        }

    def check(self) -> None:
        if self.ledger.wrong:
            raise self.ledger.wrong[0]
        check_always(self)

    def pass_time(self, **delta: float) -> None:
        self.clock.move(**delta)

    @property
    def today(self) -> date:
        return self.clock.now().astimezone(ZURICH).date()


@cache
def _settings() -> Settings:
    days = {f"ANCRAGE_{what}_DAYS": str(number) for what, number in FORGETFUL.items()}
    with tempfile.TemporaryDirectory() as folder:  # for the keys alone: the stores are in memory
        return Settings.read(days, data=Path(folder), create=True)


@contextmanager
def _silent() -> Iterator[None]:
    """Logs cost more than what they tell of."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    try:
        yield
    finally:
        structlog.configure(**before)
