"""Whether a session still counts that its cookie alone would allow."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from chassis import sessions
from chassis.clock import Clock
from chassis.web.session import Person

#: for how long a list of ended sessions is believed; what has just ended ends here so much later at most
BELIEVED = timedelta(seconds=5)

Ended = Mapping[str, datetime]


class SessionsThatCount:
    """What `make_app(session_check=…)` takes: asks for the sessions that ended, and keeps the answer for a moment."""

    def __init__(self, ask: Callable[[], Ended], clock: Clock, believed: timedelta = BELIEVED) -> None:
        self._ask = ask
        self._clock = clock
        self._believed = believed
        self._ended: Ended = {}
        self._asked_at: datetime | None = None

    def __call__(self, person: Person, began: datetime) -> bool:
        known = self._known()
        before = known.get(person.id)
        return person.session_id not in known and (before is None or began >= before)

    def _known(self) -> Ended:
        now = self._clock.now()
        if self._asked_at is None or abs(now - self._asked_at) >= self._believed:
            self._ended, self._asked_at = self._ask(), now
        return self._ended


def ended_in_store(context: Any) -> SessionsThatCount:
    """Asks the service's own store, where its worker notes them."""

    def ask() -> Ended:
        with context.reading() as session:
            return sessions.ended(session)

    return SessionsThatCount(ask, context.clock)
