"""What the repository holds is the same on every machine."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: put together here, so that this file holds none itself
_ELSEWHERE = ["pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "deb.debian" + ".org", "docker" + ".io/"]
_HERE = [rf"/{top}/(main|shared|steering|in|out|bin|\.library)\b" for top in ("work", "farm")]
_HERE += ["/home" + r"/\w+/", "/root" + r"/(?!\.)\w", "/opt/" + "(pypi|wheels)"]
ADDRESS = re.compile("|".join(map(re.escape, _ELSEWHERE)))
PATH_OF_ONE_MACHINE = re.compile("|".join(_HERE))


def _tracked() -> Iterator[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.is_file():  # a file being removed is listed still
            yield path


def _holding(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in _tracked()
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_names_a_package_registry() -> None:
    assert _holding(ADDRESS) == []


def test_no_file_holds_a_path_of_one_machine() -> None:
    assert _holding(PATH_OF_ONE_MACHINE) == []


def test_both_would_be_found() -> None:
    assert ADDRESS.search("--index-url https://" + _ELSEWHERE[0] + "/simple")
    assert PATH_OF_ONE_MACHINE.search("see /" + "work/main/README.md")


def test_no_secret_and_no_data_are_tracked() -> None:
    names = [path.relative_to(ROOT).as_posix() for path in _tracked()]
    assert not [name for name in names if re.search(r"(^|/)(\.env|data/.*\.db|secret)$|\.(pem|key|sqlite3?)$", name)]
