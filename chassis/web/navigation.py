"""What the frame of a page needs to know: who is signed in, where they may go, in which language."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import request

from chassis.i18n import LANGUAGE_NAMES, LANGUAGES
from chassis.web.language import current_language
from chassis.web.session import WARNED, Person, current_person, session_ends
from chassis.web.state import Entry, current_state, now


@dataclass(frozen=True)
class Link:
    path: str
    text: str
    current: bool


@dataclass(frozen=True)
class LanguageLink:
    code: str
    name: str
    path: str
    current: bool


@dataclass(frozen=True)
class SessionEnd:
    """When the session ends: at a time, in so many seconds; when a page warns of it; whether use puts it off."""

    at: datetime
    seconds: int
    warned: int
    extendable: bool


def describe_page() -> dict[str, Any]:
    """Variables of every template: `person`, `language`, `navigation`, `languages`, and when the session ends."""
    person = current_person()
    return {
        "person": person,
        "language": current_language(),
        "navigation": [_link(entry) for entry in entries_for(person)],
        "languages": [_language_link(code) for code in LANGUAGES],
        "session_end": _session_end() if person else None,
    }


def _session_end() -> SessionEnd:
    at, extendable = session_ends()
    return SessionEnd(at, max(0, round((at - now()).total_seconds())), round(WARNED.total_seconds()), extendable)


def entries_for(person: Person | None) -> list[Entry]:
    """The lines of the site's navigation that the person's role and rights let them see, in order."""
    if person is None:
        return []
    allowed = [entry for entry in current_state().navigation if person.role in entry.roles]
    return [entry for entry in allowed if entry.right is None or entry.right in person.rights]


def _link(entry: Entry) -> Link:
    text = entry.text.get(current_language()) or next(iter(entry.text.values()))
    return Link(entry.path, text, request.path.startswith(entry.path))


def _language_link(code: str) -> LanguageLink:
    """The same page in another language: the address is kept, its other parameters too."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    path = f"{request.path}?{urlencode([*kept, ('lang', code)])}"
    return LanguageLink(code, LANGUAGE_NAMES[code], path, code == current_language())
