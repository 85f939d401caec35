"""Named points at which tests let a process crash. In service they do nothing."""

import os
import signal
from collections.abc import Callable

#: every point there is, in the order in which an event passes them
POINTS = (
    "unit.before_commit",
    "unit.after_commit",
    "relay.before_publish",
    "relay.after_publish",
    "relay.after_confirm",
    "relay.after_stamp",
    "consumer.before_claim",
    "consumer.before_commit",
    "consumer.after_commit",
    "consumer.after_acknowledge",
)

Hook = Callable[[str, str], None]


def _nothing(service: str, point: str) -> None:
    pass


_hook: Hook = _nothing


def at(service: str, point: str) -> None:
    """Passes `point` of `service`; whatever a test installed happens here."""
    _hook(service, point)


def install(hook: Hook | None) -> None:
    """Has `hook(service, point)` called at each point from now on; None ends it."""
    global _hook
    _hook = hook or _nothing


def install_from_environment(environ: dict[str, str] | os._Environ[str] = os.environ) -> None:
    """ANCRAGE_CRASH_AT=service:point:N kills the process (SIGKILL) when it passes the point for the Nth time."""
    told = environ.get("ANCRAGE_CRASH_AT")
    if not told:
        return
    service, point, count = told.split(":")
    left = [int(count)]

    def crash(at_service: str, at_point: str) -> None:
        if (at_service, at_point) == (service, point):
            left[0] -= 1
            if left[0] <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    install(crash)
