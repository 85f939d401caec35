"""Placement as it runs: on a real store, told by envelopes through the chassis' consumer."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from chassis.consumer import Consumer
from chassis.context import Context
from chassis.crypto import Sealer
from chassis.envelope import Envelope
from chassis.message import Delivery
from chassis.settings import Settings
from chassis.store import Store, outbox, service_metadata
from chassis.testing import FrozenClock, SequentialIds
from chassis.worker import subscriptions
from contracts.event import CATALOGUE
from contracts.referral import ReferralAccepted, ReferralErased, ReferralWithdrawn
from services.placement.domain import SEATS, Participation
from services.placement.service import PlacementService
from services.placement.store import MIGRATIONS, metadata, tables
from services.placement.wiring import wire
from tests.migrated import bring_up

CONTACT = {
    "family_name": "Zufferey",
    "given_name": "Céline",
    "phone": "+41 79 555 12 34",
    "email": "celine@mail.example",
    "street": "Rue du Rhône 1",
    "postal_code": "1950",
    "locality": "Sion",
    "language": "fr",
    "availability": "mornings",
    "interests": ["cooking", "dance"],
    "constraints": "Pas le mercredi",
    "urgency_reason": None,
}


def reference(number):
    return f"ISA-2026-{number:06d}"


class Rooms:
    """A placement of the test's own; `tell` hands it events as one batch."""

    def __init__(self, folder, url=None):
        settings = Settings.read({}, data=folder, create=True)
        self.clock = FrozenClock()
        store = Store("placement", url or settings.database_url("placement"), metadata, MIGRATIONS)
        self.context: Context = wire(settings, store=store, clock=self.clock)
        self.sealer = Sealer(settings.keys.sealing_public("placement"))
        self.new_id = SequentialIds()
        bring_up(store)
        self.consumer = self.new_consumer()

    def new_consumer(self):
        return Consumer(self.context, list(subscriptions(PlacementService)), PlacementService.prepare)

    def accepted(self, number, region="sion", language="fr", urgency="normal", **contact):
        return ReferralAccepted(
            reference=reference(number),
            pseudonym=f"P-{number}",
            region=region,
            language=language,
            cms_area="sion-herens-conthey",
            urgency=urgency,
            birth_year=1980,
            sex="f",
            evaluation_consent=True,
            contact=self.sealer.seal(CONTACT | contact),
        )

    def withdrawn(self, number, reason="person_declined"):
        return ReferralWithdrawn(reference=reference(number), reason=reason, cms_area="sion-herens-conthey")

    def erased(self, number):
        return ReferralErased(reference=reference(number))

    def envelopes(self, events, minutes=0):
        at = self.clock.now() + timedelta(minutes=minutes)
        for event in events:
            id = self.new_id()
            yield Envelope(
                id=id,
                source="referral",
                type=event.TYPE,
                subject=event.reference,
                time=at,
                correlationid=id,
                causationid=None,
                data=event.to_data(),
            )

    def tell(self, *events, minutes=0, consumer=None):
        """All of these in one batch, as told `minutes` from now."""
        self.take(self.envelopes(events, minutes), consumer)

    def take(self, envelopes: Iterable[Envelope], consumer=None):
        (consumer or self.consumer).take([Delivery(envelope.encode()) for envelope in envelopes])
        assert self.failures() == []

    def failures(self):
        with self.context.reading() as session:
            return list(session.execute(sa.text("SELECT type, error_type, message FROM failures")))

    def events(self):
        """All that placement has told, in order."""
        with self.context.reading() as session:
            bodies = session.scalars(sa.select(outbox.c.body).order_by(outbox.c.seq))
            envelopes = [Envelope.decode(body) for body in bodies]
        return [CATALOGUE[envelope.type].from_data(envelope.data) for envelope in envelopes]

    def told(self, since=0):
        """The events in short, `placed 1`, without the first `since`."""
        return [f"{event.TYPE.split('.')[1]} {int(event.reference[-6:])}" for event in self.events()[since:]]

    def person(self, number) -> Participation:
        with self.context.reading() as session:
            query = sa.select(Participation).where(tables.participations.c.reference == reference(number))
            found = session.scalars(query).one()
            session.expunge(found)
            return found

    def group(self, code="oseo-sion"):
        with self.context.reading() as session:
            return session.execute(sa.select(tables.groups).where(tables.groups.c.code == code)).one()

    def differences(self):
        """Between placement's tables as the migrations made them and as the code expects them."""

        def is_own(_object, name, kind, _reflected, _compared):
            return kind != "table" or name not in service_metadata().tables

        with self.context.store.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"include_object": is_own})
            return list(compare_metadata(context, metadata))

    def check(self):
        """What must always be true of the whole store."""
        with self.context.reading() as session:
            people = list(session.scalars(sa.select(Participation)))
            groups = list(session.execute(sa.select(tables.groups)))
            lanes = list(session.execute(sa.select(tables.lanes)))
        seats = Counter((person.group, person.seat) for person in people if person.state in SEATS)
        ready = Counter((p.region, p.language, p.urgency) for p in people if p.is_ready)
        for group in groups:
            counts = (group.offered, group.placed, group.occupied)
            assert counts == tuple(seats[group.code, seat] for seat in ("offered", "placed", "occupied"))
            assert sum(counts) <= group.capacity
            waiting = sum(n for (region, language, _), n in ready.items() if (region, language) == group[2:4])
            assert not (group.is_open and sum(counts) < group.capacity and waiting), "somebody waits for a free place"
        for lane in lanes:
            assert lane.ready == ready[lane.region, lane.language, lane.urgency]
