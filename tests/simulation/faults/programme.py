"""Faults inside services: places, waves and news."""

from collections.abc import Collection
from datetime import date
from typing import Any

import pytest

from services.evaluation import handlers as evaluation
from services.evaluation.domain import Wave
from services.notification.handlers import telling
from services.placement.domain import Group, Programme
from services.placement.store.repositories import Programmes
from tests.simulation.faults.planted import fault


@fault("capacity", "page", within=40)
def reads_groups_without_a_lock(patch: pytest.MonkeyPatch) -> None:
    """Places are counted as they were before somebody else's commit."""
    groups, seen = Programmes._groups, {}

    def outdated(self: Programmes, wanted: Collection[Any]) -> list[Group]:
        found = groups(self, wanted)
        for group in found:
            now = (group.offered, group.placed, group.occupied)
            group.offered, group.placed, group.occupied = seen.get(group.code, now)
            seen[group.code] = now
        return found

    patch.setattr(Programmes, "_groups", outdated)


@fault("free place", within=40)
def gives_no_freed_place_on(patch: pytest.MonkeyPatch) -> None:
    """Whoever leaves leaves a place that nobody is given."""
    patch.setattr(Programme, "serve", lambda self, now: [])


@fault("agreement", within=40)
def forgets_a_withdrawal_that_came_first(patch: pytest.MonkeyPatch) -> None:
    """The evaluation lets a withdrawal go by of whom it does not know yet."""
    stop_asking = evaluation.stop_asking

    def stop_whom_it_knows(unit: Any, event: Any) -> None:
        if unit.participations.find(event.reference) is not None:
            stop_asking(unit, event)

    patch.setattr(evaluation, "stop_asking", stop_whom_it_knows)


@fault("waves", within=60, after=26)
def leaves_waves_where_they_were(patch: pytest.MonkeyPatch) -> None:
    """A first day that is put right moves no wave."""

    def stay(self: Wave, due_on: date) -> None:
        pass

    patch.setattr(Wave, "reschedule", stay)


@fault("told", within=60, after=10)
def tells_nobody_of_a_failed_delivery(patch: pytest.MonkeyPatch) -> None:
    """A letter that can not be delivered is noted, and nobody hears of it."""
    patch.setattr(telling, "note_failure", lambda unit, delivery: None)
