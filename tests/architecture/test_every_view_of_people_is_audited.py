"""Whoever sees or changes something of a person is noted: each address does so, or says here why it need not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from ancrage import house
from chassis.settings import Settings

_ACCOUNTS = "people who work here; what is done to accounts is noted by identity"
_ENVELOPES = "types, times and references of events, payloads masked"
_MESSAGES = "a headline and a reference, as the e-mail says them"
_FIGURES = "figures, or groups without people"
_FRAME = "no data"
_AUDIT = "references, and the people who work here"

#: what need not be noted, and why
SHOWS_NOBODY = {
    "/": _FRAME,
    "/api/openapi.json": _FRAME,
    "/api/fhir/metadata": _FRAME,
    "/developers/": _FRAME,
    "/referrals/rules/": _FIGURES,
    "/referrals/tokens/": "organisations, no people; issuing and ending are noted",
    "/referrals/imports/template-<language>.<kind>": _FRAME,
    "/assets/<path:name>": _FRAME,
    "/health/live": _FRAME,
    "/health/ready": _FRAME,
    "/account/": _ACCOUNTS,
    "/audit/": _AUDIT,
    "/audit/audit.csv": _AUDIT,
    "/console/": _ENVELOPES,
    "/messages/": _MESSAGES,
    "/operations/": _ENVELOPES,
    "/placement/": _FIGURES,
    "/placement/figures": _FIGURES,
    "/placement/groups/<code>/settings": _FIGURES,
    "/placement/groups/new": _FIGURES,
}
#: of these all that lies below, too
_WHOLE = ("/account/", "/console/", "/messages/", "/operations/")


@pytest.fixture(scope="module")
def applications(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Flask]:
    settings = Settings.read({}, data=Path(tmp_path_factory.mktemp("site")), create=True)
    made = {name: house.application(name, settings) for name in house.SERVICES}
    made["console"] = house._console(settings, made)
    return {name: application for name, application in made.items() if isinstance(application, Flask)}


def views(applications: dict[str, Flask]) -> Iterator[tuple[str, object]]:
    for application in applications.values():
        for rule in application.url_map.iter_rules():
            yield rule.rule, application.view_functions[rule.endpoint]


def unnoted(applications: dict[str, Flask]) -> set[str]:
    return {
        rule
        for rule, view in views(applications)
        if not hasattr(view, "audited") and rule not in SHOWS_NOBODY and not rule.startswith(_WHOLE)
    }


def test_every_address_notes_who_asked_or_says_why_not(applications: dict[str, Flask]) -> None:
    assert unnoted(applications) == set()


def test_what_says_why_not_exists(applications: dict[str, Flask]) -> None:
    rules = {rule for rule, _view in views(applications)}
    assert not {rule for rule in SHOWS_NOBODY if rule not in rules and rule not in _WHOLE}


def test_refusals_are_noted_too(applications: dict[str, Flask]) -> None:
    """The note stands outside of the guard, which it wraps."""
    for rule, view in views(applications):
        inside = getattr(view, "__wrapped__", None)
        guarded = hasattr(inside, "required_roles") or hasattr(inside, "required_scope")
        assert not hasattr(view, "audited") or guarded, rule


def test_an_address_that_notes_nobody_is_found(tmp_path: Path) -> None:
    application = house.application("referral", Settings.read({}, data=tmp_path, create=True))
    assert isinstance(application, Flask)
    application.add_url_rule("/referrals/<reference>/all", "all", lambda reference: reference)
    assert unnoted({"referral": application}) == {"/referrals/<reference>/all"}
