"""Figures from which nobody can be recognised."""

from collections import defaultdict
from itertools import product

import pytest

from services.placement.domain import suppress


def published(*counts, linked="", smallest=5):
    row = suppress(dict(zip("abcde", counts, strict=False)), linked, smallest)
    return [*row.cells.values(), row.total]


def test_large_counts_and_noughts_are_shown_with_their_sum():
    assert published(7, 0, 12) == [7, 0, 12, 19]


def test_small_counts_are_hidden_and_the_sum_with_them():
    assert published(3, 0, 12) == [None, 0, 12, None]


def test_where_the_sum_is_known_from_elsewhere_a_single_small_count_gets_company():
    assert published(3, 7, 12, linked="abc") == [None, None, 12, None]
    assert published(3, 0, 12, linked="ab") == [None, None, 12, None]
    assert published(3, 7, 0, linked="bc") == [None, 7, 0, None]


def test_small_counts_that_can_only_be_the_largest_or_smallest_get_company():
    assert published(4, 4, 9, 20, linked="abcd") == [None, None, None, 20, None]
    assert published(1, 1, 9, 20, linked="abcd") == [None, None, None, 20, None]
    assert published(1, 4, 9, 20, linked="abcd") == [None, None, 9, 20, None]


@pytest.mark.parametrize("linked", ["ab", "abc", "abcd"])
def test_no_reader_can_work_out_a_hidden_count_even_knowing_how_they_are_hidden(linked):
    """Every published row could have come from rows of the same sum with different counts in each hidden cell."""
    possible = defaultdict(list)
    for counts in product(range(9), repeat=max(3, len(linked))):
        row = published(*counts, linked=linked, smallest=4)
        if set(counts[: len(linked)]) not in ({1}, {3}):  # nothing is left among which to hide them
            possible[tuple(row), sum(counts[: len(linked)])].append(counts)
    for (row, _sum), origins in possible.items():
        for place, shown in enumerate(row[:-1]):
            seen = {counts[place] for counts in origins}
            if shown is None and min(seen) < 4:
                assert len(seen) > 1, f"{row} gives away cell {place}: {origins}"
