"""The list of a CMS comes out of an index, in its order, however many referrals there are."""

import re

import pytest

from services.referral import queries
from services.referral.domain import State
from services.referral.queries import Filter
from tests.plans import plans
from tests.together import Together

AREA = "sion"
ASKED = {
    "all": Filter(),
    "of one state": Filter(states=(State.INFORMATION_NEEDED,)),
    "mine": Filter(by="somebody"),
    "further on": Filter(after="2026-11-24T08:00:00+00:00~ISA-2026-000200"),
}


@pytest.mark.parametrize("wanted", ASKED.values(), ids=ASKED)
def test_nothing_is_read_whole_or_sorted(tmp_path, wanted):
    together = Together(tmp_path)
    referral = together.contexts["referral"]
    with plans(referral.store, ("referrals",)) as taken, referral.reading() as session:
        queries.list_referrals(session, referral.hasher, [AREA], wanted)
    together.close()
    assert taken
    for plan in taken:
        assert not re.search(r"SCAN referrals$|TEMP B-TREE", plan.text, re.MULTILINE), plan.text


@pytest.mark.parametrize("further", [{}, {"after": ASKED["further on"].after}, {"before": ASKED["further on"].after}])
def test_of_several_states_each_gives_its_first_lines_out_of_the_index(tmp_path, further):
    together = Together(tmp_path)
    referral, states = together.contexts["referral"], queries.GROUPS["ended"]
    with plans(referral.store, ("referrals",)) as taken, referral.reading() as session:
        queries.list_referrals(session, referral.hasher, [AREA], Filter(states=states, **further))
    together.close()
    assert taken[0].text.count("ix_referrals_newest_of_state (cms_area=? AND state=?") == len(states) == 3
    assert taken[0].text.count("TEMP B-TREE") <= 1, "but those few are put in one order"


def test_what_somebody_has_sent_is_found_by_who_sent_it(tmp_path):
    together = Together(tmp_path)
    referral = together.contexts["referral"]
    with plans(referral.store, ("referrals",)) as taken, referral.reading() as session:
        queries.list_referrals(session, referral.hasher, [AREA], ASKED["mine"])
    together.close()
    assert "ix_referrals_mine (submitted_by=? AND cms_area=?)" in taken[0].text
