"""French and German are set as Switzerland sets them. That they are complete, `scripts/messages --check` says."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
ROOMS = ("chassis", "services", "console", "ancrage")
CATALOGUES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("messages.po"))

_FAULTS = {
    "any": [
        (re.compile("ß"), "Switzerland writes ss"),
        (re.compile(r"\w'\w"), "the apostrophe is ’"),
        (re.compile('"'), "quotes are « »"),
    ],
    "fr": [
        (re.compile("[^\u00a0\u202f?!][?!;»]"), "a no-break space stands before ? ! ; »"),
        (re.compile("[^\u00a0\u202f\\d]:(?=\\s|$)"), "a no-break space stands before :"),
        (re.compile("«[^\u00a0\u202f]"), "a no-break space stands after «"),
    ],
    "de": [(re.compile("«\\s|\\s»"), "no space stands inside « » in German")],
}


def _faults(language: str, text: str) -> list[str]:
    return [f"{text!r}: {why}" for wrong, why in _FAULTS["any"] + _FAULTS[language] if wrong.search(text)]


def _messages(path: Path) -> Iterator[Message]:
    with path.open("rb") as lines:
        yield from (message for message in read_po(lines) if message.id)


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_translations_are_set_as_switzerland_sets_them(path: Path) -> None:
    language = path.parts[-3]
    texts = [
        text
        for message in _messages(path)
        for text in ([message.string] if isinstance(message.string, str) else message.string)
    ]
    assert [fault for text in texts for fault in _faults(language, text)] == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Êtes-vous sûr?"),
        ("fr", "l'assistante"),
        ("fr", "Motif : «oui»"),
        ("fr", "Motif:"),
        ("de", "Straße"),
        ("de", "« ja »"),
    ],
)
def test_what_is_set_otherwise_is_found(language: str, text: str) -> None:
    assert _faults(language, text)


def test_what_is_set_well_passes() -> None:
    assert not _faults("fr", "Êtes-vous sûr\u00a0? Dès 14:32, «\u00a0l’accueil\u00a0» répond\u00a0: oui.")
    assert not _faults("de", "Weiss man es? «Ja»: um 14:32.")


def test_a_room_with_pages_has_translations() -> None:
    speaking = {path.parent for room in ("services", "console") for path in (ROOT / room).rglob("templates")}
    assert speaking <= {path.parents[3] for path in CATALOGUES}
