"""The ledger finds each kind of wrong, and nothing in books that are right."""

from dataclasses import replace
from typing import Any

import pytest

from tests.chaos.books import Books, Failed, Group, Handled, Sent
from tests.chaos.ledger import Ledger, Told, draw_up

A = "ISA-2026-000001"
LISTENERS = {
    "referral.submitted.v1": {"referral"},
    "referral.accepted.v1": {"placement"},
    "placement.placed.v1": {"referral", "evaluation"},
}
PLACED = '{"group": "oseo-sion"}'


def books() -> Books:
    """One referral on its whole way."""
    submitted = Sent("referral", 1, "e1", "referral.submitted.v1", A)
    accepted = Sent("referral", 2, "e2", "referral.accepted.v1", A, "e1")
    placed = Sent("placement", 1, "e3", "placement.placed.v1", A, "e2", PLACED)
    return Books(
        sent=[submitted, accepted, placed],
        handled=[Handled("referral", "e1"), Handled("placement", "e2"), *_heard_of(placed)],
        referrals={A: "placed"},
        people={"person": ["placed"]},
        timelines={A: ["e1", "e2", "e3"]},
        participations={A: "placed"},
        seats={"oseo-sion": 1},
        groups=[Group("oseo-sion", 1, 1)],
        enrolled={A},
        messages=[("e3", "oseo-valais", "placement.placed.v1")],
    )


def _heard_of(event: Sent) -> list[Handled]:
    return [Handled(service, event.id) for service in sorted(LISTENERS[event.type])]


def ledger(books: Books, **told: Any) -> Ledger:
    return draw_up(books, LISTENERS, Told(**({"submitted": {A: "person"}} | told)))


def test_books_that_are_right_give_a_clean_ledger() -> None:
    found = ledger(books())
    assert found.clean, list(found.wrongs())
    assert (found.committed, found.applied, found.expected) == (3, 4, 4)


def _unheard(books: Books) -> None:
    books.handled.remove(Handled("evaluation", "e3"))


def _unstored(books: Books) -> None:
    books.referrals.clear()


def _unlisted(books: Books) -> None:
    books.timelines.clear()


def _said_twice(books: Books) -> None:
    books.sent.append(replace(books.sent[1], seq=3, id="e9"))
    books.handled.append(Handled("placement", "e9"))


def _told_twice(books: Books) -> None:
    books.messages *= 2


def _open_twice(books: Books) -> None:
    books.people["person"].append("submitted")


def _both_done_and_failed(books: Books) -> None:
    books.failed.append(Failed("placement", "e2", A, "parked", "ValueError"))


def _one_too_many(books: Books) -> None:
    books.sent.append(Sent("placement", 2, "e4", "placement.placed.v1", "ISA-2026-000002", "e0", PLACED))


def _seat_without_a_person(books: Books) -> None:
    books.seats["oseo-sion"] = 0


def _out_of_nowhere(books: Books) -> None:
    books.handled.append(Handled("placement", "e7"))


def _given_up(books: Books) -> None:
    books.handled.remove(Handled("placement", "e2"))
    books.failed.append(Failed("placement", "e2", A, "parked", "ValueError"))


def _heard_backwards(books: Books) -> None:
    books.timelines[A] = ["e2", "e1", "e3"]


def _different_stories(books: Books) -> None:
    books.referrals[A] = "accepted"


@pytest.mark.parametrize(
    ("wrong", "column"),
    [
        (_unheard, "lost"),
        (_unstored, "lost"),
        (_unlisted, "lost"),
        (_said_twice, "doubled"),
        (_told_twice, "doubled"),
        (_open_twice, "doubled"),
        (_both_done_and_failed, "doubled"),
        (_one_too_many, "over_capacity"),
        (_seat_without_a_person, "over_capacity"),
        (_out_of_nowhere, "unfounded"),
        (_given_up, "unexplained"),
        (_heard_backwards, "out_of_order"),
        (_different_stories, "disagreeing"),
    ],
)
def test_a_wrong_is_found_where_it_belongs(wrong: Any, column: str) -> None:
    spoilt = books()
    wrong(spoilt)
    found = ledger(spoilt)
    assert getattr(found, column), list(found.wrongs())
    assert not found.clean


@pytest.mark.parametrize("deed", ["withdrawn", "started", "ended"])
def test_what_was_confirmed_to_a_caller_and_never_told_counts_as_lost(deed: str) -> None:
    assert ledger(books(), **{deed: {A}}).lost


def test_somebody_refused_as_known_must_be_known() -> None:
    assert ledger(books(), refused=["person"]).clean
    assert ledger(books(), refused=["stranger"]).lost


def test_the_poison_may_be_parked_and_nothing_else() -> None:
    spoilt = books()
    _given_up(spoilt)
    found = ledger(spoilt, poison={A})
    assert found.parked
    assert found.clean
