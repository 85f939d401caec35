"""Somebody who visits the pages in a test: finds the form's CSRF token by itself, as a browser would."""

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class Visitor:
    """A browser without a screen: `get`, `post` with the token of the page seen last, and the cookie jar."""

    def __init__(self, app: Flask, *, language: str = "fr", address: str = "192.0.2.7") -> None:
        self.client: FlaskClient = app.test_client()
        self.headers = {"Accept-Language": language}
        self.environ = {"REMOTE_ADDR": address}
        self.token = ""

    def get(self, path: str, **options: Any) -> TestResponse:
        return self._seen(self.client.get(path, **self._with(options)))

    def post(self, path: str, **fields: Any) -> TestResponse:
        """Sends a form with the token; `post_raw` sends it without."""
        return self.post_raw(path, {"csrf_token": self.token, **fields})

    def post_raw(self, path: str, fields: dict[str, Any], **options: Any) -> TestResponse:
        return self._seen(self.client.post(path, data=fields, **self._with(options)))

    def cookie(self) -> str:
        """The session cookie as the browser keeps it."""
        cookie = self.client.get_cookie("ancrage")
        return cookie.value if cookie else ""

    def _with(self, options: dict[str, Any]) -> dict[str, Any]:
        headers = {**self.headers, **options.pop("headers", {})}
        return {"headers": headers, "environ_base": self.environ, **options}

    def _seen(self, answer: TestResponse) -> TestResponse:
        found = re.search(r'name="csrf_token" value="([^"]+)"', answer.text) if answer.mimetype == "text/html" else None
        self.token = found.group(1) if found else self.token
        return answer


def errors_on(page: TestResponse) -> list[str]:
    """The sentences beside the fields of a page, in order."""
    found = re.findall(r'<p id="[^"]+-error" class="govuk-error-message">(.*?)</p>', page.text, re.S)
    return [re.sub(r"\s+", " ", re.sub(r"<span.*?</span>", "", each, flags=re.S)).strip() for each in found]
