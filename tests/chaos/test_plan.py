"""What a run of faults consists of."""

import random

from tests.chaos.faults import KINDS
from tests.chaos.plan import SHARES, plan


def test_a_plan_is_the_same_for_a_seed_and_has_every_kind_in_it() -> None:
    first, again, other = (plan(200, random.Random(seed)) for seed in (1, 1, 2))  # noqa: S311 - no secret
    assert first == again != other
    assert len(first) == 200
    assert set(first) == {*SHARES, "poison"} == {kind for kind in KINDS if not kind.startswith("crash at")}
    assert first.count("poison") == 1
