"""Which language this request is answered in, and the words in it."""

from typing import Any

from flask import g, request, session

from chassis.i18n import LANGUAGES, known_language
from chassis.web.state import current_state

SWITCH = "switch_language"


def current_language() -> str:
    """`fr` or `de`: chosen with the switch, else the signed-in person's, else the browser's, else French."""
    if "language" not in g:
        g.language = _language_of_request()
    return g.language


def t(msgid: str, **params: Any) -> str:
    """The sentence in the request's language, its `%(name)s` filled in."""
    return current_state().catalogue.gettext(current_language(), msgid, **params)


def tn(singular: str, plural: str, n: int, **params: Any) -> str:
    """The sentence in the form that the number `n` takes, in the request's language."""
    return current_state().catalogue.ngettext(current_language(), singular, plural, n, **params)


def remember_language(language: str | None) -> None:
    """Answers this request and those that follow in `language`; None leaves it to person and browser."""
    g.pop("language", None)
    if language in LANGUAGES and session.get("language") != language:
        session["language"] = language


def switching_language() -> bool:
    """Whether a form was sent by its language button: show it again with what was typed, and do nothing."""
    return request.method == "POST" and request.form.get(SWITCH) in LANGUAGES


def note_switch() -> None:
    """Before each request: keeps the language chosen by a link (`?lang=de`) or a form's language button."""
    chosen = request.form.get(SWITCH) if switching_language() else request.args.get("lang")
    remember_language(chosen)


def is_for_programs() -> bool:
    """Whether this address answers programs (JSON) rather than people (pages)."""
    return request.path.startswith(("/api/", "/operations/", "/health/"))


def _language_of_request() -> str:
    accepted = request.accept_languages.best_match(list(LANGUAGES))
    if is_for_programs():
        return known_language(accepted)
    person = session.get("person") or {}
    return known_language(session.get("language") or person.get("language") or accepted)
