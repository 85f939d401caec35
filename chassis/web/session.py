"""Who is signed in: the session cookie that all services' pages share."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any
from urllib.parse import quote

from flask import abort, flash, g, redirect, request, session

from chassis.clock import uuid7
from chassis.i18n import mark as _
from chassis.sessions import LONGEST
from chassis.web.kept import can_keep
from chassis.web.language import current_language, remember_language, t
from chassis.web.resend import holds_secret, keep_until_sign_in, offer_to_send_again, typed_fields
from chassis.web.state import current_state, now

COOKIE = "ancrage"
SIGN_IN_PATH = "/account/sign-in"
#: a session nobody used for so long is over
IDLE = timedelta(minutes=60)
#: so long before the end a page warns of it
WARNED = timedelta(minutes=2)
#: the time of last use is written into the cookie at most this often
_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who is signed in, as identity wrote it into the session at sign-in."""

    id: str
    name: str
    role: str
    areas: tuple[str, ...] = ()
    partner: str | None = None
    region: str | None = None
    rights: tuple[str, ...] = ()
    language: str | None = None
    session_id: str = ""  #: by which this one session is ended when its owner signs out


def current_person() -> Person | None:
    """The person whose session this request belongs to; None when signed out or timed out.

    Raises what the session check raises, once: the page that tells of it is nobody's, and can be made.
    """
    if "person" not in g:
        g.person = None
        g.person = _person_of_session()
    return g.person


def signed_in_person() -> Person:
    """The person on a page that requires somebody; raises LookupError anywhere else."""
    person = current_person()
    if person is None:
        raise LookupError("nobody is signed in: does the view lack @requires?")
    return person


def sign_in(person: Person) -> None:
    """Begins a new session for `person`: whatever the old one held is dropped, its CSRF secret included."""
    language = session.get("language") or person.language
    session.clear()
    person = replace(person, session_id=uuid7())
    session["person"] = asdict(person)
    session["began"] = session["seen"] = now().timestamp()
    remember_language(language)
    g.person = person
    g.pop("csrf_token", None)


def sign_out() -> None:
    """Ends the session; only the language stays."""
    language = current_language()
    session.clear()
    g.person = None
    g.pop("csrf_token", None)
    remember_language(language)


def requires(*roles: str, right: str | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Lets only people with one of `roles` (any role if none is named), and the `right` if one is named, see a page.

    Signed out: 302 to the sign-in page, which leads back here. Another role, or without the right: 403.
    """

    def wrap(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            person = current_person()
            if person is None:
                return ask_to_sign_in()
            if (roles and person.role not in roles) or (right and right not in person.rights):
                abort(403)
            return view(*args, **kwargs)

        guarded.required_roles = roles  # type: ignore[attr-defined]  # read by the test that walks all pages
        guarded.required_right = right  # type: ignore[attr-defined]  # likewise
        return guarded

    return wrap


def ask_to_sign_in() -> Any:
    """To the sign-in page and, after it, back to this page; a form that was sent is kept to be sent again."""
    back = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else "/"
    if request.method == "POST" and typed_fields() and not holds_secret():
        account_id = (session.get("person") or {}).get("id")  # whose session it was that has ended
        if account_id is None or not can_keep():
            return offer_to_send_again(signed_out=True)
        back = keep_until_sign_in(account_id)
        flash(t(_("Your session had ended. What you typed is kept: it is there again when you have signed in.")))
    return redirect(f"{SIGN_IN_PATH}?next={quote(back, safe='/')}")


def _person_of_session() -> Person | None:
    told = session.get("person")
    if not told or not _still_runs():
        return None
    lists = {name: tuple(told.get(name) or ()) for name in ("areas", "rights")}
    person = Person(**{**told, **lists})
    if not current_state().session_check(person, _began()):
        return None
    _note_use()
    return person


def _still_runs() -> bool:
    present = now().timestamp()
    idle, total = present - session.get("seen", 0), present - session.get("began", 0)
    return idle < IDLE.total_seconds() and total < LONGEST.total_seconds()


def session_ends() -> tuple[datetime, bool]:
    """When the session of this request ends if nobody uses it, and whether using it puts that off."""
    idle, longest = session["seen"] + IDLE.total_seconds(), session["began"] + LONGEST.total_seconds()
    return datetime.fromtimestamp(min(idle, longest), UTC), idle < longest


def use_session() -> None:
    """Notes that the session is in use at this moment."""
    session["seen"] = now().timestamp()


def _note_use() -> None:
    present = now().timestamp()
    if present - session.get("seen", 0) >= _NOTED_EVERY.total_seconds():
        use_session()


def _began() -> datetime:
    return datetime.fromtimestamp(session["began"], UTC)
