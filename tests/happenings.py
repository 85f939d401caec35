"""Events as the publishers would tell them, and one service fed with them as its queue would feed it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from chassis.clock import uuid7
from chassis.consumer import Consumer
from chassis.context import Context
from chassis.envelope import Envelope
from chassis.message import Delivery
from chassis.settings import Settings
from chassis.store import failures, outbox, service_metadata
from chassis.testing import FrozenClock
from chassis.worker import Service, subscriptions
from contracts import CATALOGUE, Event
from contracts.evaluation import EvaluationEnrolled, EvaluationWaveCompleted, EvaluationWaveDue
from contracts.identity import SessionsEnded
from contracts.placement import (
    PlacementContactChanged,
    PlacementEnded,
    PlacementOfferDeclined,
    PlacementOffered,
    PlacementOfferExpired,
    PlacementPaused,
    PlacementPlaced,
    PlacementResumed,
    PlacementStarted,
    PlacementWaitlisted,
)
from contracts.referral import (
    ReferralAccepted,
    ReferralConsentWithdrawn,
    ReferralContactCorrected,
    ReferralCostsReported,
    ReferralErased,
    ReferralErasureAnnounced,
    ReferralInformationNeeded,
    ReferralRejected,
    ReferralSubmitted,
    ReferralWithdrawn,
)
from tests.migrated import bring_up

A = "ISA-2026-000001"
B = "ISA-2026-000002"
AREA = "sion-herens-conthey"
FIRST_DAY = date(2026, 12, 1)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

_USUAL: dict[type[Event], dict[str, Any]] = {
    ReferralSubmitted: {"region": "sion", "language": "fr", "cms_area": AREA},
    ReferralInformationNeeded: {"unknown": ("benefit_expected",), "cms_area": AREA},
    ReferralRejected: {"reasons": ("residence",), "cms_area": AREA},
    ReferralWithdrawn: {"reason": "person_declined", "cms_area": AREA},
    ReferralConsentWithdrawn: {"purpose": "evaluation", "cms_area": AREA},
    ReferralContactCorrected: {"contact": "sealed", "cms_area": AREA},
    ReferralErased: {},
    ReferralErasureAnnounced: {"cms_area": AREA, "on": date(2026, 12, 31)},
    ReferralCostsReported: {"pseudonym": "P-A", "period": "2026-Q4", "chf": 1200},
    ReferralAccepted: {
        "pseudonym": "P-A",
        "region": "sion",
        "language": "fr",
        "cms_area": AREA,
        "urgency": "normal",
        "birth_year": 1980,
        "sex": "f",
        "evaluation_consent": True,
        "contact": "sealed",
    },
    PlacementWaitlisted: {"position": 3, "region": "sion", "group": "oseo-sion", "reason": "group_full"},
    PlacementOffered: {"group": "oseo-sion", "region": "sion", "until": NOW + timedelta(days=2)},
    PlacementOfferDeclined: {"group": "oseo-sion", "region": "sion", "reason": "not_now"},
    PlacementOfferExpired: {"group": "oseo-sion", "region": "sion"},
    PlacementPlaced: {
        "group": "oseo-sion",
        "group_name": "OSEO Sion",
        "starts_on": FIRST_DAY,
        "pseudonym": "P-A",
        "birth_year": 1980,
        "sex": "f",
        "region": "sion",
        "language": "fr",
        "evaluation_consent": True,
    },
    PlacementStarted: {"group": "oseo-sion", "region": "sion", "on": FIRST_DAY},
    PlacementPaused: {"group": "oseo-sion", "region": "sion", "on": date(2027, 1, 4), "reason": "health"},
    PlacementResumed: {"group": "oseo-sion", "region": "sion", "on": date(2027, 1, 18)},
    PlacementContactChanged: {"group": "oseo-sion", "region": "sion"},
    PlacementEnded: {
        "group": "oseo-sion",
        "region": "sion",
        "on": date(2027, 4, 30),
        "reason": "found_work",
        "planned": False,
    },
    SessionsEnded: {"before": NOW},
    EvaluationEnrolled: {"pseudonym": "P-A", "consent": True, "waves": ("t0",)},
    EvaluationWaveDue: {"pseudonym": "P-A", "wave": "t0", "due_on": date(2026, 11, 23)},
    EvaluationWaveCompleted: {"pseudonym": "P-A", "wave": "t0"},
}


def happened(kind: type[Event], reference: str = A, **told: Any) -> Any:
    """An event of `kind` with what is usual in it, but for what is `told`."""
    return kind(**{"reference": reference, **_USUAL[kind], **told})


def enveloped(event: Event, id: str | None = None) -> bytes:
    """The event as its publisher's relay would send it."""
    id = id or uuid7()
    envelope = Envelope(
        id=id,
        source=event.TYPE.split(".")[0],
        type=event.TYPE,
        subject=event.reference,
        time=NOW,
        correlationid=id,
        data=event.to_data(),
    )
    return envelope.encode()


class House:
    """One service on its own store: `take` is its queue, `emitted` its outbox."""

    def __init__(
        self, service: type[Service], folder: Path, environ: dict[str, str] | None = None, **overrides: Any
    ) -> None:
        self.clock = FrozenClock(NOW)
        wire: Callable[..., Any] = service.wire
        settings = Settings.read(environ or {}, data=folder, create=True)
        self.context: Context = wire(settings, clock=self.clock, **overrides)
        bring_up(self.context.store)
        self._consumer = Consumer(self.context, list(subscriptions(service)), service.prepare)

    def take(self, *events: Event) -> None:
        """One batch, each event once."""
        self.take_raw(*(enveloped(event) for event in events))

    def take_raw(self, *bodies: bytes) -> None:
        self._consumer.take([Delivery(body) for body in bodies])

    def take_one_by_one(self, *events: Event) -> None:
        for event in events:
            self.take(event)

    def emitted(self) -> list[Event]:
        """All that the service has told so far, in order."""
        return [CATALOGUE[e.type].from_data(e.data) for e in self.envelopes()]

    def envelopes(self) -> list[Envelope]:
        with self.context.reading() as session:
            return [Envelope.decode(body) for body in session.scalars(sa.select(outbox.c.body).order_by(outbox.c.seq))]

    def rows(self, table: sa.Table) -> list[Any]:
        with self.context.reading() as session:
            return list(session.execute(sa.select(table)))

    def differences(self) -> list[Any]:
        """Between the service's own tables as the migrations made them and as the code expects them."""

        def is_own(_object: Any, name: str, kind: str, _reflected: bool, _compared: Any) -> bool:
            return kind != "table" or name not in service_metadata().tables

        with self.context.store.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"include_object": is_own})
            return list(compare_metadata(context, self.context.store.metadata))

    def failures(self) -> list[Any]:
        return self.rows(failures)
