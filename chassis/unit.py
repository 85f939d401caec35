"""The unit of work: state and the events that tell of it, in one commit."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from sqlalchemy.orm import Session

from chassis import erasure
from chassis.envelope import Envelope
from chassis.records import additions, changes
from chassis.rows import INSERT, Write, write
from chassis.store import STIRRED, outbox

if TYPE_CHECKING:
    from chassis.context import Context


class Emittable(Protocol):
    """What the chassis knows of an event."""

    TYPE: ClassVar[str]

    @property
    def reference(self) -> str: ...

    def to_data(self) -> dict[str, Any]: ...


class UnitOfWork:
    """One transaction. Each service's own adds its repositories.

    `now` is the same for all that happens in it; `cause` is the event being handled, None for a command.
    """

    #: classes whose new objects nobody asks the store for before the end: they are written together, with what they own
    AT_THE_END: ClassVar[Sequence[type]] = ()

    def __init__(self, context: "Context", session: Session) -> None:
        self.context = context
        self.session = session
        self.now: datetime = context.clock.now()
        self.cause: Envelope | None = None
        self._emitted: list[Envelope] = []
        self._at_the_end: list[Write] = []

    def new_id(self) -> str:
        return self.context.new_id()

    def emit(self, *events: Emittable) -> None:
        """Notes that these happened. They are committed with the state, in this order, and sent afterwards."""
        self._emitted.extend(self._enveloped(event) for event in events)

    def erase(self, subject: str) -> None:
        """Nothing that machinery keeps tells of the subject any more; what belongs to the service is the service's."""
        self._emitted = [envelope for envelope in self._emitted if envelope.subject != subject]
        erasure.erase(self.context.store, self.session, subject, self.now)

    @property
    def told_of(self) -> list[str]:
        """What the events emitted so far are about, in order."""
        return [envelope.subject for envelope in self._emitted]

    def _enveloped(self, event: Emittable) -> Envelope:
        id = self.new_id()
        return Envelope(
            id=id,
            source=self.context.name,
            type=event.TYPE,
            subject=event.reference,
            time=self.now,
            correlationid=self.cause.correlationid if self.cause else id,
            causationid=self.cause.id if self.cause else None,
            data=event.to_data(),
        )

    def explaining(self) -> AbstractContextManager[None]:
        """Within it the transaction is made: what the database refuses in it is told in the domain's words."""
        return nullcontext()

    def write_at_the_end(self, *writes: Write) -> None:
        """Leaves rows for the last statement of the transaction, which takes all of them at once."""
        self._at_the_end.extend(writes)

    def finish(self) -> None:
        """Writes what changed and what was emitted."""
        new, changed = additions(self.session, self.AT_THE_END), changes(self.session)
        self.session.flush()
        told = Write(INSERT, outbox, [self._row(envelope) for envelope in self._emitted])
        stirring = None if self.context.wake_relay else STIRRED
        write(self.session, [*new, *changed, *self._at_the_end, told], stirring if told.rows else None)

    def committed(self) -> None:
        """Called when all of it is in the store."""
        if self._emitted and self.context.wake_relay:
            self.context.wake_relay()

    def _row(self, envelope: Envelope) -> dict[str, Any]:
        return {
            "event_id": envelope.id,
            "type": envelope.type,
            "subject": envelope.subject,
            "body": envelope.encode(),
            "created_at": self.now,
        }
