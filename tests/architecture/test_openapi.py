"""The document of the API is what its code makes."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts/openapi"


def _check(script: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True)


def test_the_committed_document_is_fresh() -> None:
    checked = _check(SCRIPT)
    assert checked.returncode == 0, checked.stderr


def test_a_document_that_is_not_would_be_found(tmp_path: Path) -> None:
    """The same script beside a document with one word changed."""
    for folder in ("scripts", "docs"):
        (tmp_path / folder).mkdir()
    stale = SCRIPT.parents[1].joinpath("docs/openapi.json").read_text().replace("Refer a person", "Refer somebody", 1)
    tmp_path.joinpath("docs/openapi.json").write_text(stale)
    planted = tmp_path / "scripts/openapi"
    planted.write_text(SCRIPT.read_text())
    checked = _check(planted)
    assert (checked.returncode, "run scripts/openapi" in checked.stderr) == (1, True)
