"""The documents of the API and of the events are what the code makes."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: script -> its document, and a word in that
DOCUMENTS = {
    "openapi": ("docs/openapi.json", "Refer a person"),
    "asyncapi": ("docs/asyncapi.yaml", "The person has a place"),
}


def _check(script: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_committed_document_is_fresh(name: str) -> None:
    checked = _check(ROOT / "scripts" / name)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_that_is_not_would_be_found(name: str, tmp_path: Path) -> None:
    """The same script beside a document with some words changed."""
    document, words = DOCUMENTS[name]
    for folder in ("scripts", "docs"):
        (tmp_path / folder).mkdir()
    text = (ROOT / document).read_text()
    assert words in text
    (tmp_path / document).write_text(text.replace(words, "Something else", 1))
    planted = tmp_path / "scripts" / name
    planted.write_text((ROOT / "scripts" / name).read_text())
    checked = _check(planted)
    assert (checked.returncode, f"run scripts/{name}" in checked.stderr) == (1, True)
