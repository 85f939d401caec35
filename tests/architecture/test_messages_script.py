"""scripts/messages: finds what is wrong with a catalogue, and adds and drops sentences without losing any."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PO = Path("services/identity/translations/fr/LC_MESSAGES/messages.po")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the parts of the project that speak, to plant faults in."""
    for room in ("chassis", "services/identity"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__", "static"))
    return tmp_path


def messages(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    script = [sys.executable, str(ROOT / "scripts/messages"), "--root", str(root), *options]
    return subprocess.run(script, capture_output=True, text=True, check=False)


def test_no_sentence_is_missing_unused_or_unsure_in_any_room() -> None:
    checked = messages(ROOT, "--check")
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(
    ("found", "planted", "said"),
    [
        ('msgid "Your account"', 'msgid "Your old account"', "missing: 'Your account'"),
        ('msgid "Your account"', 'msgid "Your old account"', "not used any more: 'Your old account'"),
        ('msgstr "Votre compte"', 'msgstr ""', "not translated: 'Your account'"),
        ('msgid "Your account"', '#, fuzzy\nmsgid "Your account"', "fuzzy: 'Your account'"),
        ("envoyé le %(at)s", "envoyé le %(on)s", "filled in differently: 'sent on %(at)s'"),
        ("Clé\u00a0:", "Clé\u202f:", "a narrow no-break space, U+00A0 is meant: 'Key:'"),
    ],
)  # fmt: skip
def test_a_planted_fault_is_found(house: Path, found: str, planted: str, said: str) -> None:
    text = (house / PO).read_text()
    assert found in text
    (house / PO).write_text(text.replace(found, planted))
    checked = messages(house, "--check")
    assert checked.returncode == 1
    assert said in checked.stdout


def test_a_new_sentence_is_added_to_be_translated_and_an_old_one_dropped(house: Path) -> None:
    page = house / "services/identity/templates/identity/account.html"
    page.write_text(page.read_text().replace('_("Your account")', '_("All about you")'))
    messages(house)
    text = (house / PO).read_text()
    assert 'msgid "All about you"\nmsgstr ""' in text
    assert "Your account" not in text
    assert 'msgid "Accounts"\nmsgstr "Comptes"' in text


def test_updating_twice_changes_nothing_more(house: Path) -> None:
    messages(house)
    once = {path: path.read_bytes() for path in house.rglob("*.po")}
    messages(house)
    assert once == {path: path.read_bytes() for path in house.rglob("*.po")}
