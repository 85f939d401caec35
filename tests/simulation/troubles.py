"""What goes wrong inside a service, once a step has arranged for it: crashes at a point, handlers that raise."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm.exc import StaleDataError

from chassis.testing import Crash


class Mishap(RuntimeError):
    """An error that nobody knows: it is retried after a while, again and again."""


@dataclass
class HandlerTrouble:
    """The next `times` handlings of a service raise `error`, before the effects or after them."""

    error: type[BaseException]
    times: int
    afterwards: bool


@dataclass
class Troubles:
    crashes: dict[tuple[str, str], int] = field(default_factory=dict)  #: passings left, by service and point
    handlers: dict[str, HandlerTrouble] = field(default_factory=dict)
    deadly: dict[str, int] = field(default_factory=dict)  #: what is left of a service's wish for a deadly event
    deadly_events: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  #: each kills its worker

    def heal(self) -> None:
        self.__init__()  # type: ignore[misc]

    def pass_point(self, service: str, point: str) -> None:
        left = self.crashes.get((service, point))
        if left is None:
            return
        self.crashes[service, point] = left - 1
        if left <= 1:
            del self.crashes[service, point]
            raise Crash(f"{service} at {point}")

    def before_handling(self, service: str, event_id: str) -> None:
        self._maybe_raise(service, afterwards=False)

    def after_handling(self, service: str, event_id: str) -> None:
        self._maybe_raise(service, afterwards=True)
        if self.deadly.pop(service, 0):
            self.deadly_events[service].add(event_id)
        if event_id in self.deadly_events[service]:
            raise Crash(f"{service} of an event that kills it")

    def _maybe_raise(self, service: str, *, afterwards: bool) -> None:
        trouble = self.handlers.get(service)
        if trouble is None or trouble.afterwards is not afterwards:
            return
        trouble.times -= 1
        if trouble.times <= 0:
            del self.handlers[service]
        raise trouble.error("arranged")


ERRORS: dict[str, type[BaseException]] = {"unknown": Mishap, "transient": StaleDataError}


def is_arranged(error_type: Any) -> bool:
    """Whether a failure of this name is one that the simulation has arranged itself."""
    return error_type in (Mishap.__name__, StaleDataError.__name__, "KilledTheWorker", "PerhapsHandled", *GARBAGE)


#: errors of messages that were put on a queue by hand
GARBAGE = ("Unreadable", "UnknownType", "AgainstSchema", "StrangersMessage")
