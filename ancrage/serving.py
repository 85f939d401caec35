"""gunicorn, started from Python: one process of threads, never monkey-patched."""

from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]  # it publishes no types

from ancrage.launcher import lifeline
from ancrage.site import Wsgi

#: seconds that requests under way have when the process is asked to stop
GRACE = 8


class Server(BaseApplication):
    """`build` makes the application inside the process that serves it, after the fork."""

    def __init__(self, build: Callable[[], Wsgi], bind: str, *, processes: int, threads: int) -> None:
        self._build = build
        self._chosen = {
            "bind": [bind],
            "workers": processes,
            "threads": threads,
            "worker_class": "gthread",
            "graceful_timeout": GRACE,
            "timeout": 60,
            "keepalive": 75,  # longer than clients and proxies keep one: the server must not be the first to hang up
            "accesslog": None,  # the applications log each request themselves, without personal data
            "errorlog": "-",
            "loglevel": "warning",
            "proc_name": "ancrage web",
            "control_socket_disable": True,
            "post_fork": _hold_lifeline,
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Wsgi:
        return self._build()


def _hold_lifeline(server: Any, worker: Any) -> None:
    lifeline.hold()
