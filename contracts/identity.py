"""What the identity service tells the others: never who somebody is."""

from datetime import datetime

from contracts.event import Event, event


@event("identity.sessions_ended.v1")
class SessionsEnded(Event):
    """The sessions of an account that began before a time are over; `reference` is the account's id.

    The account was disabled, its password or what it may do has changed, or its owner signed out everywhere. Where a
    `session` is named it is over alone: its owner signed out of it.
    """

    before: datetime
    session: str | None = None

    @property
    def over(self) -> str:
        """What is over: the id of one session, or of the account whose sessions are."""
        return self.session or self.reference
