"""Somebody of a CMS with a browser that runs no scripts."""

import html
import re
from dataclasses import asdict

from services.referral.forms import SECTIONS
from services.referral.web import create_app
from tests.unit.referral.answers import SOCIAL_WORKER, typed


class Visitor:
    def __init__(self, house, person=SOCIAL_WORKER):
        self.http = create_app(house.context).test_client()
        seconds = house.clock.now().timestamp()
        if person:
            with self.http.session_transaction() as session:
                session.update(person=asdict(person), began=seconds, seen=seconds)

    def open(self, path, status=200):
        answer = self.http.get(path)
        assert answer.status_code == status, path
        return html.unescape(answer.text)

    def send(self, path, values, page=None, **headers):
        shown = self.http.get(page or path).text
        hidden = dict(re.findall(r'type="hidden" name="(csrf_token|saved|version)" value="([^"]*)"', shown))
        return self.http.post(path, data={**hidden, **values}, headers=headers)

    def search(self, words):
        """The page of what was found."""
        return self.open(self.send("/referrals/", {"search": words}).headers["Location"])

    def begin(self, **changes):
        """The address of a draft whose identity is typed."""
        answer = self.send("/referrals/new", section_of("identity", typed(**changes)))
        assert answer.status_code == 303, html.unescape(answer.text)
        return answer.headers["Location"][: len("/referrals/drafts/") + 36]

    def fill(self, draft, sections=tuple(SECTIONS), **changes):
        """Types the sections of a draft; the last answer."""
        values = typed(**changes)
        for section in sections:
            answer = self.send(f"{draft}/{section}", section_of(section, values))
            assert answer.status_code == 303, (section, html.unescape(answer.text))
        return answer

    def draft(self, **changes):
        """The address of a draft that is complete."""
        draft = self.begin(**changes)
        self.fill(draft, list(SECTIONS)[1:], **changes)
        return draft

    def submit(self, draft):
        return self.send(f"{draft}/check", {})

    def refer(self, **changes):
        """From the first field to the confirmation; the reference."""
        answer = self.submit(self.draft(**changes))
        assert answer.status_code == 303, html.unescape(answer.text)
        return answer.headers["Location"].split("/")[2]

    def accepted(self, house, **changes):
        reference = self.refer(**changes)
        house.decide()
        return reference


def section_of(section, values):
    """What the page of a section sends."""
    return {name: values[name] for name in SECTIONS[section] if name in values}


def value_of(text, name):
    field = re.search(rf'<(?:input|textarea)[^>]* name="{name}"[^>]*>', text)[0]
    return re.search(r'value="([^"]*)"', field)[1]
