"""The groups of one region and language with their waiting list: what has to agree whenever a place changes hands."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime

from contracts.placement import PlacementWaitlisted
from services.placement.domain.errors import GroupExists, GroupNotFound
from services.placement.domain.group import Group, roomiest
from services.placement.domain.participation import Events, Participation
from services.placement.domain.waiting import (
    GROUP_CLOSED,
    GROUP_FULL,
    NO_GROUP,
    OFFER_NOT_TAKEN,
    URGENCIES,
    Lane,
    Queue,
    key_of,
    position,
)


class Programme:
    """Every change of a place goes through here, so that counts, places and list move together.

    Always: no group has more seats taken than its capacity, and nobody who is ready waits while one is free.
    A freed seat is given on by the same call that freed it.
    """

    def __init__(self, groups: Iterable[Group], lanes: Iterable[Lane], queue: Queue) -> None:
        self.groups = {group.code: group for group in sorted(groups, key=lambda group: group.code)}
        self.lanes = {lane.urgency: lane for lane in sorted(lanes, key=lambda lane: URGENCIES.index(lane.urgency))}
        self._queue = queue

    def group(self, code: str | None) -> Group:
        """Raises GroupNotFound."""
        if code not in self.groups:
            raise GroupNotFound(str(code))
        return self.groups[code]

    @property
    def ready(self) -> int:
        return sum(lane.ready for lane in self.lanes.values())

    def admit(self, participation: Participation, now: datetime) -> Events:
        """A place where one is free and nobody is ahead; otherwise the waiting list."""
        group = roomiest(list(self.groups.values())) if self.ready == 0 else None
        lane = self._lane(participation)
        lane.ready += 1
        if group is not None:
            return self._seat(participation, group, now)
        self._queue.add(participation)
        waitlisted = self._waitlisted(participation)
        lane.note(key_of(participation))
        return [waitlisted, *self.serve(now)]

    def accept(self, participation: Participation, starts_on: date | None, now: datetime) -> Events:
        participation.must("accept")
        group = self.group(participation.group)
        with self._counting(participation):
            return participation.accept(group, starts_on, now)

    def decline(self, participation: Participation, reason: str, now: datetime) -> Events:
        with self._counting(participation):
            declined = participation.decline(reason, now)
        return [*declined, self._waitlisted(participation), *self.serve(now)]

    def expire(self, participation: Participation, now: datetime) -> Events:
        with self._counting(participation):
            expired = participation.expire(now)
        return [*expired, self._waitlisted(participation), *self.serve(now)]

    def rejoin(self, participation: Participation, now: datetime) -> Events:
        """Ready again after an offer let go; who was ready all along stays where they are."""
        with self._counting(participation):
            participation.rejoin(now)
        self._queue.add(participation)
        served = self.serve(now)
        return [*served, self._waitlisted(participation)] if participation.is_ready else served

    def start(self, participation: Participation, on: date, now: datetime) -> Events:
        with self._counting(participation):
            return participation.start(on, now)

    def pause(self, participation: Participation, on: date, reason: str, now: datetime) -> Events:
        with self._counting(participation):
            return participation.pause(on, reason, now)

    def resume(self, participation: Participation, on: date, now: datetime) -> Events:
        with self._counting(participation):
            return participation.resume(on, now)

    def end(self, participation: Participation, on: date, reason: str, now: datetime) -> Events:
        with self._counting(participation):
            ended = participation.end(on, reason, now)
        return [*ended, *self.serve(now)]

    def withdraw(self, participation: Participation, reason: str, now: datetime) -> Events:
        with self._counting(participation):
            ended = participation.withdraw(reason, now)
        return [*ended, *self.serve(now)]

    def erase(self, participation: Participation, now: datetime) -> Events:
        """Nothing is told of who is erased; a place that was held goes on."""
        with self._counting(participation):
            participation.erase(now)
        return self.serve(now)

    def add_group(self, group: Group, now: datetime) -> Events:
        """Raises GroupExists."""
        if group.code in self.groups:
            raise GroupExists(group.code)
        self.groups[group.code] = group
        return self.serve(now)

    def serve(self, now: datetime) -> Events:
        """Gives free seats to those who are next, until there are no more of the one or of the other."""
        events: Events = []
        while (group := roomiest(list(self.groups.values()))) and (lane := self._first_lane()):
            events += self._seat(self._queue.first(lane), group, now)
        return events

    @property
    def waiting_reason(self) -> str:
        if any(group.is_open for group in self.groups.values()):
            return GROUP_FULL
        return GROUP_CLOSED if self.groups else NO_GROUP

    def _seat(self, participation: Participation, group: Group, now: datetime) -> Events:
        with self._counting(participation):
            return participation.take_seat(group, now)

    def _waitlisted(self, participation: Participation) -> PlacementWaitlisted:
        group = next((group for group in self.groups.values() if group.is_open), None)
        return PlacementWaitlisted(
            reference=participation.reference,
            position=self.position(participation),
            region=str(participation.region),
            group=group.code if group else None,
            group_name=group.name if group else None,
            reason=OFFER_NOT_TAKEN if participation.deferred else self.waiting_reason,
        )

    def position(self, participation: Participation) -> int:
        """From 1, among those who are ready; for who is passed over, the one to come back to."""
        lane, key = self._lane(participation), key_of(participation)
        behind = 0 if lane.is_last(key) else self._queue.behind(lane, key)
        urgencies = URGENCIES[: URGENCIES.index(lane.urgency)]
        ahead = sum(self.lanes[urgency].ready for urgency in urgencies)
        return position(ahead, lane.ready - participation.is_ready, behind)

    def _lane(self, participation: Participation) -> Lane:
        return self.lanes[str(participation.urgency)]

    def _first_lane(self) -> Lane | None:
        return next((lane for lane in self.lanes.values() if lane.ready), None)

    @contextmanager
    def _counting(self, participation: Participation) -> Iterator[None]:
        """Keeps the counts of groups and lanes in step with what the participation does meanwhile."""
        seat, group, ready, urgency = (
            participation.seat,
            participation.group,
            participation.is_ready,
            participation.urgency,
        )
        yield
        if seat or participation.seat:
            self.group(group if seat else participation.group).move(seat, participation.seat)
        if ready != participation.is_ready:
            self.lanes[str(urgency)].ready += participation.is_ready - ready
