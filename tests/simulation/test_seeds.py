"""Every promise is kept in stories that anybody can live again: `python -m tests.simulation --replay SEED`."""

import pytest

from tests.simulation.seeds import must_keep_every_promise


@pytest.mark.parametrize("first", range(0, 100, 10))
def test_ten_stories_keep_every_promise(first: int) -> None:
    must_keep_every_promise(range(first, first + 10))
