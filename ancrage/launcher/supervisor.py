"""Watches the children, starts again the ones that die, and stops them in order."""

import signal
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType

from ancrage.launcher.child import Child, describe

#: seconds between two looks at the children
LOOK_EVERY = 0.2
#: seconds that each child has to end in order: pages first (requests under way), then the worker (its batch)
STOPPING_DEADLINE = 10.0

#: a child that dies so often before the whole was ever ready will not start at all
HOPELESS = 4

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Supervisor:
    """`children` in the order in which they start; they stop in the opposite one.

    `say` gets one line for the person at the terminal whenever something happens to a child.
    """

    def __init__(self, children: Sequence[Child], say: Callable[[str], None]) -> None:
        self.children = children
        self.say = say
        self.stopping = threading.Event()
        self.was_ready = False  #: set once the whole way could be gone: later deaths are accidents
        self.failure = ""  #: why it gave up
        self._hurry = False

    def listen_to_signals(self) -> None:
        for number in SIGNALS:
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        """A second signal means: at once."""
        self._hurry = self.stopping.is_set()
        self.stopping.set()

    def start(self) -> None:
        for child in self.children:
            child.start()

    def watch(self) -> None:
        """Until `stopping` is set."""
        while not self.stopping.is_set():
            for child in self.children:
                self._look_after(child)
            self.stopping.wait(LOOK_EVERY)

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if (code := child.died()) is not None:
            pause = child.mourn(now)
            if child.deaths >= HOPELESS and not self.was_ready:
                return self._give_up(child, code)
            self.say(f"The {child.name} {describe(code)}; starting it again in {pause:g} s; see {child.log}")
        elif child.due_at is not None and child.due_at <= now:
            child.start()

    def _give_up(self, child: Child, code: int) -> None:
        self.failure = f"the {child.name} does not start ({describe(code)}): {child.last_words()} - see {child.log}"
        self.stopping.set()

    def stop(self) -> None:
        """Asks each child to end and waits for it before the next one; kills what is late."""
        for child in reversed(self.children):
            child.ask_to_stop()
            if not self._wait(child):
                self.say(f"The {child.name} did not end in time and was killed; nothing confirmed is lost")
            child.kill()

    def _wait(self, child: Child) -> bool:
        until = time.monotonic() + STOPPING_DEADLINE
        while time.monotonic() < until and not self._hurry:
            if child.wait(0.1):
                return True
        return not child.alive()
