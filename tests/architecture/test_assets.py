"""The built files are those that the manifest describes, and hold nothing that only the Crown may use."""

import hashlib
import json
import re
from pathlib import Path

BUILT = Path(__file__).parents[2] / "chassis/web/static"
MANIFEST = json.loads((BUILT / "MANIFEST.json").read_text())


def test_every_built_file_is_in_the_manifest_unchanged() -> None:
    found = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in BUILT.iterdir() if p.name != "MANIFEST.json"}
    assert found == MANIFEST["sha256"]


def test_what_is_built_in_says_version_and_licence() -> None:
    for package, told in MANIFEST["packages"].items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", told["version"]), package
        assert told["licence"]
        if "use" not in told:
            assert (BUILT / told["file"]).exists(), "its licence goes with it"


def test_neither_the_font_nor_the_crest_of_the_crown_is_used() -> None:
    style = (BUILT / "ancrage.css").read_text()
    assert "GDS Transport" not in style
    assert "Noto Sans" in style
    assert "@font-face" not in style
    assert not {path.name for path in BUILT.iterdir()} & {"govuk-crest.svg", "favicon.ico", "govuk-icon-180.png"}


def test_built_files_ask_nothing_of_other_sites() -> None:
    for name in ("ancrage.css", "ancrage.js", "anchor.svg"):
        addresses = re.findall(r"https?://[^\s\"'`)]+", (BUILT / name).read_text())
        assert set(addresses) <= {"http://www.w3.org/2000/svg"}, name
