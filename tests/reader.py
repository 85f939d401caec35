"""A visitor who is signed in, and remembers the page seen last as a reader sees it."""

import re
from dataclasses import asdict
from html import unescape
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from chassis.clock import Clock
from chassis.web import Person
from tests.visitor import Visitor


class Reader(Visitor):
    """Signed in with `role` before one service’s app (None: not); `status`, `html`, `text` of the page seen last."""

    def __init__(self, app: Flask, clock: Clock, role: str | None, language: str = "fr", **who: Any) -> None:
        super().__init__(app, language=language)
        self.status, self.html, self.location = 0, "", None
        with self.client.session_transaction() as session:
            session["language"] = language
            if role is not None:
                session["person"] = asdict(Person(id=f"id-of-{role}", name="Somebody", role=role, **who))
                session["began"] = session["seen"] = clock.now().timestamp()

    @property
    def text(self) -> str:
        """The words of the page's main part, one space between them."""
        main = re.search(r"(?s)<main.*?</main>", self.html)
        words = re.sub(r"(?s)<[^>]+>", " ", (main.group(0) if main else self.html).replace("<wbr>", ""))
        return re.sub(r"[ \t\r\n]+", " ", unescape(words)).strip()

    def links(self, pattern: str) -> list[str]:
        """The addresses on the page that match all of `pattern`."""
        return [link for link in re.findall(r'(?:href|action)="([^"]+)"', self.html) if re.fullmatch(pattern, link)]

    def open(self, path: str) -> "Reader":
        self.get(path)
        return self

    def send(self, path: str, **fields: Any) -> "Reader":
        """Sends a form; `__` in a field's name stands for `-`."""
        self.post(path, **{name.replace("__", "-"): value for name, value in fields.items()})
        return self

    def _seen(self, answer: TestResponse) -> TestResponse:
        self.status, self.html, self.location = answer.status_code, answer.text, answer.location
        return super()._seen(answer)
