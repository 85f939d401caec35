"""Faults of the clean-up: what goes too early."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from chassis import cleanup, consumer
from chassis.context import Context
from chassis.store import outbox
from tests.simulation.faults.planted import fault


@fault("lost", "order", "agreement", "told", within=10)
def removes_what_is_old_and_unsent(patch: pytest.MonkeyPatch) -> None:
    """The outbox is cleaned of what was committed long ago, sent or not."""

    def forget(context: Context) -> int:
        before = context.clock.now() - timedelta(days=context.settings.outbox_days)
        with context.store.writing() as session:
            session.execute(sa.delete(outbox).where(outbox.c.created_at < before))
        return 0

    patch.setattr(cleanup, "forget_sent", forget)


@fault("twice", within=60)
def forgets_what_may_come_again(patch: pytest.MonkeyPatch) -> None:
    """The inbox is cleaned, and what comes of before that day is handled as if it were new."""
    patch.setattr(consumer, "refuse_forgotten", lambda session, claimed, now: None)
