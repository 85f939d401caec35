"""Threads that take turns. Each is a greenlet: it runs until it waits, and goes on when it is told to.

So the real loops of a worker run side by side, in an order that one seed has chosen, and nothing runs by itself.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from greenlet import GreenletExit, getcurrent, greenlet

from chassis.testing import FrozenClock


def _never() -> bool:
    return False


class Thread(greenlet):
    """One thread of a worker process. `ready` says whether what it waits for has come."""

    until: datetime | None = None  #: when it goes on by itself
    ready: Callable[[], bool] = staticmethod(_never)
    ending = False

    def kill(self) -> None:
        """As SIGKILL would: nothing more of it runs, but for what the interpreter does to tidy up."""
        self.ending = True
        if not self.dead:
            self.throw(GreenletExit)


def wait(clock: FrozenClock, seconds: float | None, ready: Callable[[], bool] = _never) -> None:
    """Lets others have their turn, until `ready` or for so many seconds. Outside of threads it returns at once."""
    thread = getcurrent()
    if isinstance(thread, Thread) and not thread.ending and thread.parent is not None:
        thread.until = None if seconds is None else clock.now() + timedelta(seconds=seconds)
        thread.ready = ready
        thread.parent.switch()


class Event:
    """As threading.Event."""

    def __init__(self, clock: FrozenClock) -> None:
        self._clock = clock
        self._set = False

    def is_set(self) -> bool:
        return self._set

    def set(self) -> None:
        self._set = True

    def clear(self) -> None:
        self._set = False

    def wait(self, timeout: float | None = None) -> bool:
        wait(self._clock, timeout, self.is_set)
        return self._set


class Threading:
    """What the loops use of the module `threading`."""

    def __init__(self, clock: FrozenClock) -> None:
        self._clock = clock

    def Event(self) -> Event:
        return Event(self._clock)


class Time:
    """What is used of the module `time`, by the simulation's clock."""

    def __init__(self, clock: FrozenClock) -> None:
        self._clock = clock

    def monotonic(self) -> float:
        return self._clock.now().timestamp()
