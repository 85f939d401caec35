"""One run: referrals in, the wait for their last effect, and what it took."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ancrage.bench import effects, intake, latency, ledger
from ancrage.bench.effects import Effects, Run
from ancrage.bench.processes import Meter

if TYPE_CHECKING:
    from chassis.context import Context

#: seconds without anything new after which what has not come counts as lost
PATIENCE = 60.0
#: between two looks at least; more where a look takes long, so that looking costs a twentieth of the time at most
LOOK = 0.1
_SHARE = 20
LONGEST_LOOK = 10.0


@dataclass(frozen=True)
class Load:
    """How much is sent in: `rate` referrals a second, or as fast as it goes."""

    count: int
    rate: float | None
    seed: int


@dataclass(frozen=True)
class Stack:
    """What is measured: its stores, its processes, and how it gets to know of a referral.

    `after(unit)` is called behind each commit of the intake; `look(run)` says what is still to come, in words.
    """

    contexts: "Mapping[str, Context]"
    pids: Mapping[str, int]
    after: Callable[[Any], None]
    look: Callable[[Run], list[str]]


def measure(stack: Stack, load: Load) -> dict[str, Any]:
    """Sends the load and waits; what was found, ready for JSON."""
    context = stack.contexts["referral"]
    commands = intake.commands(load.count, load.seed, context.clock.now().date())
    meter = Meter(stack.pids)
    begun = time.monotonic()
    references = intake.send(context, commands, load.rate, stack.after)
    sent = round(time.monotonic() - begun, 2)
    run = Run.of(references)
    return {"rate": load.rate, "intake_seconds": sent} | await_all(stack, run, meter, begun)


def await_all(stack: Stack, run: Run, meter: Meter, begun: float) -> dict[str, Any]:
    """Waits for the last effect of a run that was sent in; what was found since `begun` (`time.monotonic`)."""
    missing = _wait(stack, run)
    seconds = time.monotonic() - begun
    spent = meter.read()
    return {
        "count": run.count,
        "seconds": round(seconds, 2),
        "referrals_per_s": round(run.count / seconds, 1),
        "cpu_seconds": spent | {"total": round(sum(spent.values()), 2)},
        "cpu_ms_per_referral": round(sum(spent.values()) * 1000 / run.count, 2),
        "peak_mb": meter.peaks(),
        "missing": missing,
        "doubled": effects.doubled(stack.contexts, run),
        "effects": dict(sorted(effects.count(stack.contexts, run).items())),
        "latency_ms": latency.whole_way(stack.contexts, run),
        "first": run.first,
        "last": run.last,
    }


def _wait(stack: Stack, run: Run) -> list[str]:
    """Until nothing is missing, or nothing has come for long; what is missing then."""
    last, moved = [""], time.monotonic()
    while True:
        looked = time.monotonic()
        missing = stack.look(run)
        now = time.monotonic()
        if missing != last:
            last, moved = missing, now
        if not missing or now - moved > PATIENCE:
            return missing
        time.sleep(min(max(LOOK, (now - looked) * _SHARE), LONGEST_LOOK))


def ours(contexts: "Mapping[str, Context]", pids: Mapping[str, int]) -> tuple[Stack, Callable[[Run], ledger.Ledger]]:
    """Our services with their inboxes and outboxes, and how to read the ledger of a run."""
    subscribed = ledger.subscriptions(effects.SERVICES)

    def read(run: Run) -> ledger.Ledger:
        return ledger.read(contexts, run, subscribed)

    def look(run: Run) -> list[str]:
        if unsent := ledger.unsent(contexts, run):  # cheap, however much there is
            return [f"{unsent} unsent"]
        found = read(run)
        if not found.at_rest:
            return [f"{found.outstanding} not handled of {found.events} events"]
        if waiting := pending(effects.count(contexts, run)):
            return waiting
        # what waited at the first look and not at the second has told of itself in between
        return [] if read(run) == found else ["something has just happened"]

    return Stack(contexts, pids, lambda unit: None, look), read


def summed(found: dict[str, Any], told: ledger.Ledger) -> dict[str, Any]:
    """What was found, with what the ledger says of the same run."""
    return found | {
        "events": told.events,
        "events_per_s": round(told.events / found["seconds"], 1),
        "lost": told.outstanding,
        "parked": told.failed,
        "unsent": told.unsent,
    }


def pending(counted: Effects) -> list[str]:
    """What schedules still have to do: e-mails to send, waves to announce whose day is today."""
    waiting = ("delivery queued", "delivery sending", "delivery retrying", "wave t0 planned")
    return [f"{name}: {counted[name]}" for name in waiting if counted[name]]
