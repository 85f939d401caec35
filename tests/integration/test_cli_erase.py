"""`ancrage erase` in a process of its own: what would go is said before anything does."""

import subprocess
import sys

import pytest

from ancrage import house as everybody
from ancrage.trouble import Exit
from services.referral.store import tables
from tests.plant.server import PATIENCE
from tests.unit.referral.answers import NUMBERS, Referrals


@pytest.fixture
def house(tmp_path):
    house = Referrals(tmp_path)
    for name in set(everybody.SERVICES) - {"referral"}:
        everybody.migrate(name, house.context.settings)
    yield house
    house.context.store.dispose()


def run(folder, *arguments):
    command = [sys.executable, "-m", "ancrage", "erase", *arguments, "--data", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)


def test_a_dry_run_says_what_would_go_and_erases_nothing(house, tmp_path):
    first = house.submit(social_assistance="no")
    house.decide()  # closed, so that the person can be referred again
    second, other = house.submit(), house.submit(avs_number=NUMBERS[1])
    done = run(tmp_path, first, "--dry-run")
    assert (done.returncode, done.stderr) == (0, "")
    assert set(done.stdout.removeprefix("would be erased: ").split()) == {first, second}
    assert {row.reference for row in house.rows(tables.referrals)} == {first, second, other}


def test_erasing_wants_a_reason_and_then_leaves_nothing_of_the_person(house, tmp_path):
    gone, other = house.submit(), house.submit(avs_number=NUMBERS[1])
    assert run(tmp_path, gone, "--yes").returncode == Exit.USAGE
    assert run(tmp_path, gone, "--yes", "--reason", "person_asked").stdout.startswith(f"erased: {gone};")
    assert [row.reference for row in house.rows(tables.referrals)] == [other]
    assert run(tmp_path, gone, "--dry-run").returncode == Exit.UNKNOWN
