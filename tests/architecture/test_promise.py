"""docs/promise.md names tests as its evidence: each of them exists."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def named_in(text: str) -> set[str]:
    return set(re.findall(r"`(test_\w+)`", text))


def defined() -> set[str]:
    files = (ROOT / "tests").rglob("*.py")
    return {name for file in files for name in re.findall(r"^def (test_\w+)", file.read_text(), re.M)}


def test_every_test_that_the_promise_names_exists() -> None:
    named = named_in((ROOT / "docs" / "promise.md").read_text())
    assert len(named) > 25
    assert not named - defined()


def test_a_test_that_does_not_exist_would_be_found() -> None:
    assert named_in("shown by `test_of_nothing`") - defined()
