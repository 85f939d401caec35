"""No page and no address of an API is open by oversight: each says who may use it, or is listed here as public."""

from pathlib import Path

import pytest
from flask import Flask

from ancrage import house
from chassis.settings import Settings
from contracts.people import ROLES

#: open to everybody, and why
PUBLIC = {
    "/account/sign-in": "how one gets in",
    "/account/sign-out": "how one gets out, signed in or not",
    "/account/forgotten": "how one gets in again",
    "/account/link/<token>": "for whoever holds what a letter held",
    "/account/provider/": "how one gets in through a provider",
    "/account/provider/back": "likewise; asks the provider who it is",
    "/account/provider/leave": "how one gets out there",
    "/account/accessibility": "how accessible the site is, and who helps",
    "/account/second-step": "after a password was typed in correctly; asks the session itself",
    "/account/second-factor": "likewise, where the role demands one; or signed in",
    "/account/second-factor/begin": "likewise",
    "/account/second-factor/turn-off": "asks the session itself",
    "/account/first-password": "after an initial password was typed in correctly; asks the session itself",
    "/assets/<path:name>": "style and script",
    "/api/fhir/metadata": "says what the FHIR interface can do, as FHIR wants it",
    "/api/openapi.json": "describes the API, and tells nothing",
    "/developers/": "the same for people",
    "/health/live": "for whoever runs the processes",
    "/health/ready": "likewise",
    "/operations/<service>/health": "likewise",
}


@pytest.fixture(scope="module")
def applications(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Flask]:
    settings = Settings.read({}, data=Path(tmp_path_factory.mktemp("site")), create=True)
    made = {name: house.application(name, settings) for name in house.SERVICES}
    made["console"] = house._console(settings, made)
    return {name: application for name, application in made.items() if isinstance(application, Flask)}


def unguarded(applications: dict[str, Flask]) -> dict[str, str]:
    """Address -> view of whatever asks nobody who they are."""
    found = {}
    for service, application in applications.items():
        for rule in application.url_map.iter_rules():
            view = application.view_functions[rule.endpoint]
            address = rule.rule.replace(f"/operations/{service}/", "/operations/<service>/")
            if not hasattr(view, "required_roles") and not hasattr(view, "required_scope") and address not in PUBLIC:
                found[rule.rule] = f"{view.__module__}.{view.__name__}"
    return found


def test_all_rooms_are_looked_at(applications: dict[str, Flask]) -> None:
    assert set(applications) == set(house.SITES)


def test_every_address_says_who_may_use_it(applications: dict[str, Flask]) -> None:
    assert unguarded(applications) == {}


def test_roles_that_pages_ask_for_exist(applications: dict[str, Flask]) -> None:
    asked = {
        role
        for application in applications.values()
        for view in application.view_functions.values()
        for role in getattr(view, "required_roles", ())
    }
    assert asked <= set(ROLES)


def test_a_page_that_asks_nobody_is_found(tmp_path: Path) -> None:
    application = house.application("identity", Settings.read({}, data=tmp_path, create=True))
    assert isinstance(application, Flask)
    application.add_url_rule("/account/everything", "everything", lambda: "all there is")
    assert set(unguarded({"identity": application})) == {"/account/everything"}
