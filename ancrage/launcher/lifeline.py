"""Nobody outlives the launcher, even one that is killed: children hold the reading end of its pipe.

The launcher never writes. When it ends, for whatever reason, the kernel closes the other end, and the
child stops as if asked to (so that it may still finish what it is doing), or is killed if it does not.
"""

import os
import signal
import threading
import time

VARIABLE = "ANCRAGE_LIFELINE"
#: seconds an orphan may take to end in order
PATIENCE = 15.0


def make() -> tuple[int, int]:
    """(reading end for the children, writing end that the launcher keeps open and never uses)"""
    reading, writing = os.pipe()
    os.set_inheritable(reading, True)
    return reading, writing


def hold(patience: float = PATIENCE) -> None:
    """In a child: ends this process when the launcher is gone. Does nothing where no launcher started it.

    Called before anything monkey-patches `threading`: the watching must go on in a thread of the system's.
    """
    if VARIABLE in os.environ:
        reading = int(os.environ[VARIABLE])
        threading.Thread(target=_watch, args=(reading, patience), name="lifeline", daemon=True).start()


def _watch(reading: int, patience: float) -> None:
    os.read(reading, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(patience)
    os.kill(os.getpid(), signal.SIGKILL)
