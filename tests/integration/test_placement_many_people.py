"""Lists and figures of the host and the partners come out of an index, in its order, however many people there are."""

import re

import pytest

from services.placement import queries
from services.placement.queries import WaitingList
from tests.plans import plans
from tests.together import Together

_OF_ALL = WaitingList("sion", "fr", ready=40_000, urgent=10_000, passed_over=0)
ASKED = {
    "the waiting list": lambda session: queries.in_line(session, _OF_ALL),
    "its end": lambda session: queries.in_line(session, _OF_ALL, 799),
    "where it turns from urgent to others": lambda session: queries.in_line(session, _OF_ALL, 200),
    "who was passed over": lambda session: queries.passed_over(session, _OF_ALL),
    "the lists": lambda session: queries.waiting_lists(session),
    "figures": lambda session: queries.counts(session),
    "statuses": lambda session: queries.statuses(session, "sion", 900),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_nothing_is_read_whole_or_sorted(tmp_path, ask):
    together = Together(tmp_path)
    placement = together.contexts["placement"]
    with plans(placement.store, ("participations",)) as taken, placement.reading() as session:
        ask(session)
    together.close()
    assert taken
    for plan in taken:
        assert not re.search(r"SCAN participations$|TEMP B-TREE", plan.text, re.MULTILINE), plan.text
