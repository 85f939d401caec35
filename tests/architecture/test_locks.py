"""What is installed is what was locked: by hash, from wherever the machine's own settings say."""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REQUIREMENTS = Path(__file__).parents[2] / "requirements"
_PINNED = re.compile(r"^([\w.-]+)==(\S+) \\$", re.MULTILINE)


def _wanted(name: str) -> list[Requirement]:
    lines = (REQUIREMENTS / f"{name}.in").read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]


def _locked(name: str) -> dict[str, str]:
    found = _PINNED.findall((REQUIREMENTS / f"{name}.txt").read_text())
    return {canonicalize_name(project): version for project, version in found}


@pytest.mark.parametrize("name", ["runtime", "build", "development"])
def test_all_that_is_wanted_is_locked(name: str) -> None:
    locked = _locked(name)
    for wanted in _wanted(name):
        version = locked.get(canonicalize_name(wanted.name))
        assert version is not None, f"{wanted.name} is not locked: make lock"
        assert wanted.specifier.contains(version, prereleases=True)


def test_tests_run_on_what_runs() -> None:
    assert _locked("runtime").items() <= _locked("development").items()


@pytest.mark.parametrize("name", ["runtime", "build", "development"])
def test_a_lock_holds_hashes_and_no_addresses(name: str) -> None:
    lines = (REQUIREMENTS / f"{name}.txt").read_text().splitlines()
    said = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==\S+ \\|    --hash=sha256:[0-9a-f]{64}( \\)?", line) for line in said)
    for here, following in zip(said, [*said[1:], ""], strict=True):
        assert "==" not in here or "--hash" in following
