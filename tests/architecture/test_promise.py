"""Documents that name tests as their evidence: each of these tests exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def named_in(text: str) -> set[str]:
    return set(re.findall(r"`(test_\w+)`", text))


def defined() -> set[str]:
    files = (ROOT / "tests").rglob("*.py")
    return {name for file in files for name in re.findall(r"^def (test_\w+)", file.read_text(), re.M)}


@pytest.mark.parametrize(("page", "at_least"), [("promise.md", 25), ("data-protection.md", 6)])
def test_every_test_that_a_document_names_exists(page: str, at_least: int) -> None:
    named = named_in((ROOT / "docs" / page).read_text())
    assert len(named) > at_least
    assert not named - defined()


def test_a_test_that_does_not_exist_would_be_found() -> None:
    assert named_in("shown by `test_of_nothing`") - defined()
