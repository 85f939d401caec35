"""Every sentence of the pages stands in French and in German, complete and set as Switzerland sets it."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
LANGUAGES = ("fr", "de")
#: what all packages share; a package need not translate it again
COMMON = ROOT / "chassis/web"
PACKAGES = sorted(path.parent for room in ("services", "console") for path in (ROOT / room).rglob("translations"))

_IN_PYTHON = {"_": None, "mark": None, "t": None, "tn": (1, 2), "gettext": (2,), "ngettext": (2, 3)}
_IN_TEMPLATES = {"_": None, "gettext": None, "ngettext": (1, 2)}
#: French: ? ! ; : » stand after a no-break space, « before one
_TIGHT = re.compile("[^\u00a0\u202f?!][?!;»]|[^\u00a0\u202f\\d]:(?=\\s|$)|«[^\u00a0\u202f]")
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


@cache
def _written(package: Path) -> dict[str, str]:
    """msgid -> where the package's code or templates say it."""
    found: dict[str, str] = {}
    for pattern, method, keywords in (("**.py", "python", _IN_PYTHON), ("**.html", "jinja2", _IN_TEMPLATES)):
        for path, line, message, _, _ in extract_from_dir(package, [(pattern, method)], keywords=keywords):
            msgid = message if isinstance(message, str) else message[0]
            if msgid:
                found[msgid] = f"{package.relative_to(ROOT)}/{path}:{line}"
    return found


@cache
def _catalogue(package: Path, language: str) -> Catalog:
    with (package / "translations" / language / "LC_MESSAGES/messages.po").open("rb") as lines:
        return read_po(lines, locale=language)


def _messages(package: Path, language: str) -> Iterator[tuple[str, Message]]:
    for message in _catalogue(package, language):
        if message.id:
            yield (message.id if isinstance(message.id, str) else message.id[0]), message


def _texts(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def _packages() -> list[Path]:
    return [COMMON, *PACKAGES]


@pytest.fixture(params=_packages(), ids=lambda path: str(path.relative_to(ROOT)))
def package(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_sentence_is_translated(package: Path, language: str) -> None:
    known = {
        msgid
        for home in (package, COMMON)
        for msgid, message in _messages(home, language)
        if all(_texts(message)) and not message.fuzzy
    }
    missing = {msgid: where for msgid, where in _written(package).items() if msgid not in known}
    assert not missing


def test_a_translation_fills_in_what_the_sentence_does(package: Path, language: str) -> None:
    for _, message in _messages(package, language):
        plural = not isinstance(message.id, str)
        wanted = set(_PLACEHOLDER.findall(message.id[1] if plural else str(message.id)))
        for text in _texts(message):
            given = set(_PLACEHOLDER.findall(text))
            assert given == wanted or (plural and given == wanted - {"n"}), f"{text!r} wants {sorted(wanted)}"


def test_translations_are_set_as_switzerland_sets_them(package: Path, language: str) -> None:
    for _, message in _messages(package, language):
        for text in _texts(message):
            assert "ß" not in text
            assert not re.search(r"\w'\w", text), f"{text!r}: the apostrophe is ’"
            assert '"' not in text, f"{text!r}: quotes are « »"
            if language == "fr":
                assert not _TIGHT.search(text), f"{text!r}: a no-break space is missing"


def test_all_that_pages_say_is_looked_for() -> None:
    written = _written(COMMON)
    assert "Sign out" in written, "of a template"
    assert "The token is wrong or has expired." in written, "of code"


def test_a_package_with_pages_has_translations() -> None:
    speaking = {path.parent for room in ("services", "console") for path in (ROOT / room).rglob("templates")}
    assert speaking <= set(PACKAGES)
