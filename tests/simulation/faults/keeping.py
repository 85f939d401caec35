"""Faults of what is forgotten: rows that go too early, people who don't go."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from chassis import cleanup, consumer, erasure, failures
from chassis.context import Context
from chassis.store import outbox
from tests.simulation.faults.planted import fault


@fault("lost", "order", "agreement", "told", within=40)
def removes_what_is_old_and_unsent(patch: pytest.MonkeyPatch) -> None:
    """The outbox is cleaned of what was committed long ago, sent or not."""

    def forget(context: Context) -> int:
        before = context.clock.now() - timedelta(days=context.settings.outbox_days)
        with context.store.writing() as session:
            session.execute(sa.delete(outbox).where(outbox.c.created_at < before))
        return 0

    patch.setattr(cleanup, "forget_sent", forget)


@fault("twice", within=60, after=20)
def forgets_what_may_come_again(patch: pytest.MonkeyPatch) -> None:
    """The inbox is cleaned, and what comes of before that day is handled as if it were new."""
    patch.setattr(consumer, "refuse_forgotten", lambda session, claimed, now: None)


@fault("erasure", within=60, after=18)
def leaves_what_was_said_of_the_erased(patch: pytest.MonkeyPatch) -> None:
    """Outboxes keep what was told of a person who is erased."""
    patch.setattr(erasure, "emptied", lambda body: body)


@fault("erasure", "agreement", "page", "death", "failure", within=80, after=17)
def listens_to_news_of_the_erased(patch: pytest.MonkeyPatch) -> None:
    """What is still told of a person who is erased is handled as if they were there."""
    known = failures.known
    patch.setattr(failures, "known", lambda *told: replace(known(*told), erased=frozenset()))
