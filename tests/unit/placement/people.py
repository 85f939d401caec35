"""People, groups and a waiting list in memory, for tests of the domain."""

from datetime import UTC, datetime, timedelta

from services.placement.domain import Group, Lane, Mode, Participation, Programme, key_of, who_is_next

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class MemoryQueue:
    """Keeps who waits in a dictionary: the plainest thing that a queue can be."""

    def __init__(self):
        self.people = {}

    def add(self, participation):
        self.people[participation.reference] = participation

    def first(self, lane):
        found = who_is_next(self._of(lane))
        assert found is not None, "a lane that counts somebody has somebody"
        return found

    def behind(self, lane, key):
        return sum(key_of(each) > key for each in self._of(lane) if each.is_ready)

    def _of(self, lane):
        return [each for each in self.people.values() if each.urgency == lane.urgency]


def someone(number=1, urgency="normal", minutes=0, **told):
    """A person accepted `minutes` after NOW."""
    known = {
        "reference": f"ISA-2026-{number:06d}",
        "since": NOW,
        "region": "sion",
        "language": "fr",
        "urgency": urgency,
        "accepted_at": NOW + timedelta(minutes=minutes),
        "pseudonym": f"P-{number}",
        "birth_year": 1980,
        "sex": "f",
        "evaluation_consent": True,
        "contact": "sealed",
    }
    return Participation(**known | told)


def group(capacity=2, code="oseo-sion", mode=Mode.AUTOMATIC, **told):
    return Group(code=code, name="OSEO Sion", region="sion", language="fr", capacity=capacity, mode=mode, **told)


def programme(*groups):
    """A programme of Sion in French with an empty waiting list."""
    lanes = [Lane(region="sion", language="fr", urgency=urgency) for urgency in ("normal", "high")]
    return Programme(groups, lanes, MemoryQueue())


def told(events):
    """The events as `type reference` in short: `placed 1`."""
    return [f"{event.TYPE.split('.')[1]} {int(event.reference[-6:])}" for event in events]
