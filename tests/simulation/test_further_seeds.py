"""More stories, for the other processor (tests/simulation/test_seeds.py)."""

import pytest

from tests.simulation.seeds import must_keep_every_promise


@pytest.mark.parametrize("first", range(100, 200, 10))
def test_ten_further_stories_keep_every_promise(first: int) -> None:
    must_keep_every_promise(range(first, first + 10))
