"""Many messages that wait: put on while all workers are off, then handled; what the workers' memory comes to."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ancrage.bench import effects, intake, ledger, workflow
from ancrage.bench.effects import Run
from ancrage.bench.processes import Meter
from bench.bulk import SEED, WARM_UP, say
from bench.stacks import Found, Ours, until
from chassis.broker import open_broker, queue_name
from chassis.context import Context
from chassis.loops import RelayLoop
from chassis.vitals import Vitals

#: what is worth saying of it
TOLD = ("waiting", "count", "seconds", "referrals_per_s", "peak_mb", "missing", "lost", "doubled", "parked", "unsent")
SENT_S = 600  #: until the broker has taken all that was put on


def measure(stack: Ours, count: int) -> Found:
    """`count` referrals, whose first event waits in two queues each; then the workers are started."""
    with stack.running():
        stack.run("--count", str(WARM_UP), "--seed", str(SEED))  # makes the queues, and room in the groups
    with stack.contexts() as contexts:
        effects.count_unhurried(contexts)
        run = _put_on(stack, contexts, count)
        until(lambda: stack.waiting()[queue_name("referral")] >= count, SENT_S)  # the broker counts some seconds late
        waiting = {name: messages for name, messages in stack.waiting().items() if messages}
        say(f"waiting: {waiting}")
        begun = time.monotonic()
        with stack.running():
            measured, read = workflow.ours(contexts, stack.pids)
            found = workflow.await_all(measured, run, Meter(stack.pids), begun)
        found = workflow.summed(found, read(run)) | {"waiting": waiting}
        return {name: found[name] for name in TOLD}


def _put_on(stack: Ours, contexts: dict[str, Context], count: int) -> Run:
    referral = contexts["referral"]
    commands = intake.commands(count, SEED + 1, referral.clock.now().date())
    with _relaying(referral, stack.settings.broker_url("referral")):
        references = intake.send(referral, commands, None, lambda unit: None)
        run = Run.of(references)
        until(lambda: ledger.unsent(contexts, run) == 0, SENT_S)
    return run


@contextmanager
def _relaying(context: Context, broker_url: str) -> Iterator[None]:
    """The relay of a worker that does nothing else."""
    loop = RelayLoop(context, open_broker(broker_url), Vitals())
    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield
    finally:
        loop.stopping.set()
        thread.join()
