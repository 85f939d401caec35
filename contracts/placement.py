"""What the placement service tells the others."""

from dataclasses import field
from datetime import date, datetime

from marshmallow.validate import OneOf

from contracts.event import Event, event
from contracts.vocabulary import LANGUAGES, SEXES


@event("placement.waitlisted.v1")
class PlacementWaitlisted(Event):
    """No place is free: the person waits."""

    position: int  #: from 1; of the moment, later moves are not told
    region: str
    group: str | None  #: the group waited for; None while no open group serves the region and language
    reason: str  #: a code: group_full, group_closed, no_group, offer_not_taken (passed over until ready again)
    group_name: str | None = None  #: what people call the group


@event("placement.offered.v1")
class PlacementOffered(Event):
    """A place is held for the person until a time."""

    group: str
    region: str
    until: datetime
    group_name: str | None = None  #: what people call the group


@event("placement.offer_declined.v1")
class PlacementOfferDeclined(Event):
    """The person does not want the place now."""

    group: str
    region: str
    reason: str  #: a code: not_now, health, timetable, other


@event("placement.offer_expired.v1")
class PlacementOfferExpired(Event):
    """Nobody answered the offer in time: the place goes to the next."""

    group: str
    region: str


@event("placement.placed.v1")
class PlacementPlaced(Event):
    """The person has a place."""

    group: str  #: code of the group, such as oseo-sion
    group_name: str
    starts_on: date | None  #: the first day, where it is known already
    pseudonym: str
    birth_year: int
    sex: str = field(metadata={"validate": OneOf(SEXES)})
    region: str
    language: str = field(metadata={"validate": OneOf(LANGUAGES)})
    evaluation_consent: bool


@event("placement.started.v1")
class PlacementStarted(Event):
    """First attendance. Told again with another date if the first day was noted wrongly."""

    group: str
    region: str
    on: date


@event("placement.paused.v1")
class PlacementPaused(Event):
    group: str
    region: str
    on: date
    reason: str  #: a code: health, family, other


@event("placement.resumed.v1")
class PlacementResumed(Event):
    group: str
    region: str
    on: date


@event("placement.contact_changed.v1")
class PlacementContactChanged(Event):
    """The host sees other contact details or needs of somebody whom it receives, or has offered a place."""

    group: str
    region: str


@event("placement.ended.v1")
class PlacementEnded(Event):
    """The place is free again."""

    group: str | None  #: None where the person was only waiting
    region: str
    on: date
    reason: str  #: a code: planned, withdrawn, found_work, moved_away, health, declined, entered_in_error, other
    planned: bool  #: True: completed; False: early
