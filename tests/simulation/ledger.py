"""What was committed and what was done: kept beside the services, who know nothing of it.

It is written at the very moment of each commit, so that it says the truth whatever a service believes.
"""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.storage import Storage

ERASED = "referral.erased.v1"


class Broken(AssertionError):
    """A promise that was not kept. `promise` is which, in a word or two."""

    def __init__(self, promise: str, said: str) -> None:
        super().__init__(f"{promise}: {said}")
        self.promise = promise


@dataclass(frozen=True)
class Sent:
    """A row of an outbox."""

    seq: int
    id: str
    type: str
    subject: str
    source: str
    data: dict[str, Any] = field(hash=False)

    def __str__(self) -> str:
        return f"{self.type} #{int(self.id[-12:])} of {self.subject}"


class Ledger:
    """All outboxes as they were written, and what each service has handled, in order."""

    def __init__(self, subscribed: dict[str, set[str]]) -> None:
        self.subscribed = subscribed  #: types, by service
        self.sent: dict[str, Sent] = {}
        self.handled: dict[str, dict[str, int]] = defaultdict(dict)  #: event id -> how many-th, by service
        self.handling: dict[str, list[str]] = defaultdict(list)  #: in a transaction that is still open
        self.touched: set[str] = set()  #: services that have committed since somebody looked
        self.wrong: list[Broken] = []
        self._last: dict[str, int] = defaultdict(int)
        self._forgotten: dict[str, set[str]] = defaultdict(set)  #: erased subjects, by service that has heard of it
        self._stories: dict[tuple[str, str], list[Sent]] = defaultdict(list)  #: by publisher and subject

    def watch(self, storage: Storage) -> None:
        storage.on_commit = lambda: self._committed(storage)
        storage.on_rollback = lambda: self.handling[storage.name].clear()

    def _committed(self, storage: Storage) -> None:
        self.touched.add(storage.name)
        self._read_outbox(storage)
        for id in self.handling[storage.name]:
            self._handled(storage, id)
        self.handling[storage.name].clear()

    def _read_outbox(self, storage: Storage) -> None:
        query = "SELECT seq, event_id, type, subject, body FROM outbox WHERE seq > ? ORDER BY seq"
        for row in storage.rows(query, self._last[storage.name]):
            self._last[storage.name] = row["seq"]
            data = json.loads(row["body"])["data"]
            sent = Sent(row["seq"], row["event_id"], row["type"], row["subject"], storage.name, data)
            self.sent[sent.id] = sent
            self._stories[sent.source, sent.subject].append(sent)

    @property
    def erased(self) -> set[str]:
        """Subjects of whom somebody has told that nothing may be known any more."""
        return {sent.subject for sent in self.sent.values() if sent.type == ERASED}

    def _handled(self, storage: Storage, id: str) -> None:
        done = self.handled[storage.name]
        if id in done:
            self.wrong.append(Broken("twice", f"{storage.name} has handled {self.sent.get(id, id)} twice"))
        done[id] = len(done)
        if id in self.sent:
            self._check_erasure(storage, self.sent[id])
            self._check_order(storage, self.sent[id])

    def _check_erasure(self, storage: Storage, sent: Sent) -> None:
        """Whoever has heard that somebody is erased hears nothing of them any more."""
        if sent.subject in self._forgotten[storage.name]:
            self.wrong.append(Broken("erasure", f"{storage.name} has handled {sent}, who is erased"))
        if sent.type == ERASED:
            self._forgotten[storage.name].add(sent.subject)

    def _check_order(self, storage: Storage, sent: Sent) -> None:
        """Whatever the same publisher told of the same subject before has been handled, or given up by somebody.

        Only an erasure overtakes.
        """
        if sent.type == ERASED:
            return
        done = self.handled[storage.name]
        for earlier in self._stories[sent.source, sent.subject]:
            if earlier.seq >= sent.seq:
                return
            if earlier.id not in done and earlier.type in self.subscribed[storage.name]:
                if not _is_discarded(storage, earlier.id):
                    said = f"{storage.name} has handled {sent} before {earlier}, which {sent.source} told first"
                    self.wrong.append(Broken("order", said))
                return


def _is_discarded(storage: Storage, id: str) -> bool:
    return bool(storage.rows("SELECT 1 FROM failures WHERE event_id = ? AND state = 'discarded'", id))
