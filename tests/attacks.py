"""Attacks on pages, to be tried by any test: each answers with what it got away with, nothing where all is well.

That each can find a hole at all is shown where it is used, by planting one.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask import session

from tests.visitor import Visitor

#: addresses that look as if they stayed on the site
ELSEWHERE = (
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "http:evil.example",
    "javascript:alert(1)",
    "/%0d%0aSet-Cookie:a=b",
)
_SITE = "http://localhost"

#: what every answer says, and what of it must stand there
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
        "base-uri 'none'",
    ),
    "X-Content-Type-Options": ("nosniff",),
    "X-Frame-Options": ("DENY",),
    "Referrer-Policy": ("no-referrer",),
    "Cross-Origin-Opener-Policy": ("same-origin",),
}
COOKIE_FLAGS = ("HttpOnly", "SameSite=Lax", "Path=/")


def fix_a_session(victim: Visitor, thief: Visitor, enter: Callable[[Visitor], Any], page: str) -> list[str]:
    """The thief gives the victim a cookie of their own before the victim signs in, and uses what they know of it."""
    thief.get("/account/sign-in")
    planted, token = thief.cookie(), thief.token
    victim.client.set_cookie("ancrage", planted)
    enter(victim)
    found = []
    if victim.get(page).status_code != 200:
        found.append("the victim is not signed in: the attack was not tried")
    if victim.cookie() == planted:
        found.append("the session from before the sign-in goes on after it")
    if thief.get(page).status_code == 200:
        found.append("the thief is signed in")
    if victim.post_raw("/account/language", {"csrf_token": token, "language": "de"}).status_code != 400:
        found.append("a token from before the sign-in is good after it")
    return found


def going_on(usual: Callable[..., Any]) -> Callable[..., Any]:
    """`usual`, which begins or ends a session, with a hole: what the session held before is still in it."""

    def careless(*args: Any) -> None:
        before = dict(session)
        usual(*args)
        session.update(before)

    return careless


def reuse_a_session(
    victim: Visitor, thief: Visitor, leave: Callable[[Visitor], Any], pages: Iterable[str]
) -> list[str]:
    """The thief has a copy of the victim's cookie; what it opens when the victim has left."""
    thief.client.set_cookie("ancrage", victim.cookie())
    tried = [f"{page} did not open before: nothing was tried" for page in pages if thief.get(page).status_code != 200]
    thief.client.set_cookie("ancrage", victim.cookie())  # as it was copied: what the visit noted in it is gone
    leave(victim)
    return tried + [f"{page} opens" for page in pages if thief.get(page).status_code == 200]


def send_without_token(visitor: Visitor, paths: Iterable[str]) -> list[str]:
    """Sends forms in somebody's name as another site would: without a token, with a wrong one, or found out."""
    found = []
    for path in paths:
        tries = {
            "no token": visitor.post_raw(path, {"x": "1"}),
            "a wrong token": visitor.post_raw(path, {"x": "1", "csrf_token": "made up"}),
            "another site": visitor.post_raw(
                path, {"csrf_token": visitor.token}, headers={"Sec-Fetch-Site": "cross-site"}
            ),
        }
        found += [f"{path}: {how}" for how, answer in tries.items() if answer.status_code not in (400, 403)]
    return found


def lead_elsewhere(go: Callable[[str], Any]) -> list[str]:
    """`go` asks for each address to be led to; those to which the answer leads away from the site."""
    return [wanted for wanted in ELSEWHERE if leaves(str(go(wanted).headers.get("Location", "")))]


def leaves(location: str) -> bool:
    """Whether a browser that is led there leaves the site."""
    there = urlsplit(urljoin(_SITE, location.replace("\\", "/").replace("\t", "")))
    return (there.scheme, there.netloc) != ("http", "localhost")


def missing_headers(visitor: Visitor, paths: Iterable[str]) -> list[str]:
    return [f"{path}: {lacking}" for path in paths for lacking in careless(visitor.get(path))]


def careless(answer: Any, *, https: bool = False) -> list[str]:
    """What an answer does not tell the browser, and what its policy and its cookies allow that they should not."""
    wanted = HEADERS | ({"Strict-Transport-Security": ("max-age=31536000",)} if https else {})
    found = [
        f"{name} lacks {part!r}"
        for name, parts in wanted.items()
        for part in parts
        if part not in answer.headers.get(name, "")
    ]
    policy = answer.headers.get("Content-Security-Policy", "")
    found += [f"the policy allows {each}" for each in ("*", "unsafe-", "http:", "https:") if each in policy]
    flags = (*COOKIE_FLAGS, *(("Secure",) if https else ()))
    cookies = answer.headers.getlist("Set-Cookie")
    return found + [f"a cookie lacks {flag}" for cookie in cookies for flag in flags if flag not in cookie]


def kept_by_caches(answer: Any) -> list[str]:
    return [] if answer.headers.get("Cache-Control") == "no-store" else ["caches may keep it"]


def guess(attempt: Callable[[int], Any], times: int = 20) -> list[str]:
    """Guesses as fast as it can; what it says where nobody stops it."""
    answers = [attempt(number).status_code for number in range(times)]
    return [] if 429 in answers else [f"{times} guesses, and none was told to wait"]


def tell_apart(known: Any, unknown: Any) -> list[str]:
    """What differs between the answers to somebody who is known and to somebody who is not."""
    found = []
    if known.status_code != unknown.status_code:
        found.append(f"status {known.status_code} or {unknown.status_code}")
    if known.headers.get("Location") != unknown.headers.get("Location"):
        found.append("where it leads")
    if _words(known) != _words(unknown):
        found.append("what it says")
    return found


def _words(answer: Any) -> str:
    """Without what differs from one visit to the next: what was typed, and tokens."""
    return re.sub(r'(<input[^>]*name="(email|csrf_token)"[^>]*>|name="csrf_token" value="[^"]*")', "", answer.text)
