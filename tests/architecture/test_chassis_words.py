"""The chassis knows no business word: it would carry any other programme as well."""

import re
from pathlib import Path

import pytest

CHASSIS = Path(__file__).parents[2] / "chassis"
#: what only this programme says. Not `avs`: the number's form is the country's, as the date's is
WORDS = re.compile(
    r"referral|beneficiar|eligib|placement|waiting.?list|waitlist|oseo|\bcms\b|hes.?so|pseudonym|social.?worker"
    r"|signalement|assistant·e",
    re.IGNORECASE,
)
FILES = [
    path
    for pattern in ("*.py", "*.html", "*.po", "*.scss", "*.js")
    for path in sorted(CHASSIS.rglob(pattern))
    if "static" not in path.relative_to(CHASSIS).parts
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(CHASSIS).as_posix())
def test_no_business_word_is_in(path: Path) -> None:
    lines = enumerate(path.read_text().splitlines(), 1)
    assert [f"{number}: {line.strip()}" for number, line in lines if WORDS.search(line)] == []


def test_one_would_be_found() -> None:
    assert WORDS.search("def accept_referral(unit):")
    assert len(FILES) > 20
