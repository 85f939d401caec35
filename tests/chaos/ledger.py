"""The ledger: what was committed and confirmed, against what arrived. Pure: it looks at books, not at stores."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from tests.chaos.books import Books, Sent

#: of a referral each of these is said once in its life, whatever stands in it (none is ever corrected by the load)
SAID_ONCE = frozenset(
    {
        "referral.submitted.v1",
        "referral.accepted.v1",
        "referral.rejected.v1",
        "referral.information_needed.v1",
        "referral.withdrawn.v1",
        "placement.placed.v1",
        "placement.started.v1",
        "placement.ended.v1",
        "evaluation.enrolled.v1",
    }
)
#: state of a referral by the state of its participation, where it is not withdrawn
STATES = {"waiting": "waitlisted", "placed": "placed", "active": "active", "ended": "ended"}


@dataclass
class Ledger:
    """The figures, each with what it is made of."""

    committed: int = 0  #: events in all outboxes
    expected: int = 0  #: events times their subscribers
    applied: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unfounded: list[str] = field(default_factory=list)  #: handled, but never committed by anyone
    parked: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)  #: failures that no poison explains
    over_capacity: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    disagreeing: list[str] = field(default_factory=list)  #: services that tell different stories of a referral

    @property
    def clean(self) -> bool:
        return not any(wrong for _, wrong in self.wrongs())

    def wrongs(self) -> Iterator[tuple[str, list[str]]]:
        for name in (
            "lost",
            "doubled",
            "over_capacity",
            "unfounded",
            "unexplained",
            "out_of_order",
            "disagreeing",
        ):
            yield name.replace("_", " "), getattr(self, name)


@dataclass(frozen=True)
class Told:
    """What callers were told: references and keyed hashes of people."""

    submitted: Mapping[str, str] = field(default_factory=dict)  #: reference -> person
    refused: Collection[str] = ()  #: people said to have a referral already
    withdrawn: Collection[str] = ()
    started: Collection[str] = ()
    ended: Collection[str] = ()
    poison: Collection[str] = ()


def draw_up(books: Books, subscribers: Mapping[str, Collection[str]], told: Told) -> Ledger:
    """`subscribers`: the services that listen, by event type."""
    ledger = Ledger(committed=len(books.sent))
    _follow_events(ledger, books, subscribers)
    _look_for_doubles(ledger, books)
    _explain_failures(ledger, books, told)
    _hold_to_answers(ledger, books, told)
    _count_seats(ledger, books)
    _check_order(ledger, books)
    _compare_stories(ledger, books, told)
    return ledger


def _follow_events(ledger: Ledger, books: Books, subscribers: Mapping[str, Collection[str]]) -> None:
    """Every committed event at every subscriber: handled, or visible as a failure."""
    handled = {(each.service, each.id) for each in books.handled}
    kept = {(each.service, each.id) for each in books.failed}
    for event in books.sent:
        for service in subscribers.get(event.type, ()):
            ledger.expected += 1
            if (service, event.id) in handled:
                ledger.applied += 1
            elif (service, event.id) not in kept:
                ledger.lost.append(f"{_named(event)} never reached {service}")
    known = {event.id for event in books.sent}
    ledger.unfounded += [f"{service} handled {id}" for service, id in handled if id not in known]
    ledger.doubled += [f"{service} handled {id} and keeps it as failed" for service, id in handled & kept]


def _look_for_doubles(ledger: Ledger, books: Books) -> None:
    """An inbox can't hold an event twice; what shows a double is its effect."""
    said = Counter(_saying(event) for event in books.sent)
    ledger.doubled += [f"{type} of {subject} said {n} times" for (type, subject, *_), n in said.items() if n > 1]
    told = Counter(books.messages)
    ledger.doubled += [
        f"{partner} told {n} times of {about} ({id})" for (id, partner, about), n in told.items() if n > 1
    ]


def _saying(event: Sent) -> tuple[str | None, ...]:
    """What may be said only once: of some types one of a referral, of the others one of a cause."""
    return (event.type, event.subject, *(() if event.type in SAID_ONCE else (event.cause, event.data)))


def _explain_failures(ledger: Ledger, books: Books, told: Told) -> None:
    for failure in books.failed:
        text = f"{failure.service} keeps {failure.type} of {failure.subject}: {failure.state}, {failure.error}"
        if failure.subject in told.poison:
            ledger.parked.append(text)
        else:
            ledger.unexplained.append(text)


def _hold_to_answers(ledger: Ledger, books: Books, told: Told) -> None:
    """What was confirmed to a caller is in the store, and so is the event that tells it."""
    for reference, person in told.submitted.items():
        if reference not in books.referrals or not books.timelines.get(reference):
            ledger.lost.append(f"{reference} was confirmed and is not there")
        if person not in books.people:
            ledger.lost.append(f"{reference} was confirmed, and its person is not known")
    ledger.lost += ["a person refused as a duplicate has no referral" for p in told.refused if p not in books.people]
    open_twice = [p for p, states in books.people.items() if sum(s not in _CLOSED for s in states) > 1]
    ledger.doubled += ["a person has two open referrals" for _ in open_twice]
    said = {(event.type, event.subject) for event in books.sent}
    for type, references in (
        ("referral.submitted.v1", told.submitted),
        ("referral.withdrawn.v1", told.withdrawn),
        ("placement.started.v1", told.started),
        ("placement.ended.v1", told.ended),
    ):
        ledger.lost += [f"{type} of {r} was confirmed and never told" for r in references if (type, r) not in said]


_CLOSED = ("ended", "withdrawn", "ineligible", "entered_in_error")


def _count_seats(ledger: Ledger, books: Books) -> None:
    """Capacity over time, as placement told it, and at the end, as its store counts it."""
    capacity = {group.code: group.capacity for group in books.groups}
    now: Counter[str] = Counter()
    where: dict[str, str] = {}
    for event in (e for e in books.sent if e.service == "placement"):
        if event.type == "placement.placed.v1":
            code = where[event.subject] = _group_of(event)
            now[code] += 1
            if now[code] > capacity.get(code, 0):
                ledger.over_capacity.append(f"{code} held {now[code]} at {_named(event)}")
        elif event.type == "placement.ended.v1" and event.subject in where:
            now[where.pop(event.subject)] -= 1
    for group in books.groups:
        there, told = books.seats.get(group.code, 0), now[group.code]
        if not there == told == group.taken <= group.capacity:
            counts = f"{group.taken} counted, {there} there, {told} told"
            ledger.over_capacity.append(f"{group.code}: {counts}, capacity {group.capacity}")


def _group_of(event: Sent) -> str:
    return str(json.loads(event.data)["group"])


def _check_order(ledger: Ledger, books: Books) -> None:
    """In a referral's timeline, what one publisher said of it stands in the order in which it was said."""
    seqs = {event.id: (event.service, event.seq) for event in books.sent}
    for reference, ids in books.timelines.items():
        heard: dict[str, list[int]] = defaultdict(list)
        for service, seq in (seqs[id] for id in ids if id in seqs):
            heard[service].append(seq)
        ledger.out_of_order += [f"{reference}: {s} as {seq}" for s, seq in heard.items() if seq != sorted(seq)]


def _compare_stories(ledger: Ledger, books: Books, told: Told) -> None:
    for reference, state in books.referrals.items():
        if reference in told.poison:
            continue
        theirs = books.participations.get(reference)
        if not _agree(state, theirs):
            ledger.disagreeing.append(f"{reference}: referral says {state}, placement {theirs}")
    placed = {event.subject for event in books.sent if event.type == "placement.placed.v1"}
    ledger.disagreeing += [f"{r}: placed, and unknown to evaluation" for r in placed - books.enrolled]


def _agree(state: str, theirs: str | None) -> bool:
    if state in ("withdrawn", "entered_in_error"):
        return theirs in (None, "ended")
    if state in ("ineligible", "information_needed"):
        return theirs is None
    return theirs is not None and STATES.get(theirs) == state


def _named(event: Sent) -> str:
    return f"{event.type} of {event.subject} ({event.service} {event.seq})"
