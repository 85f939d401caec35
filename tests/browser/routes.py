"""What pages there are, asked of the services themselves, and which of them an address leads to."""

from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from ancrage import house
from chassis.settings import Settings

#: addresses that answer programs, or serve files
_NO_PAGES = ("/api/", "/operations/", "/health/", "/assets/")


class Routes:
    """The url maps of all services, as the site mounts them."""

    def __init__(self, settings: Settings) -> None:
        self.site: Any = house.site(house.SITES, settings)

    @cached_property
    def applications(self) -> list[Flask]:
        return list({id(app): app for _path, app in self.site.mounts}.values())

    def pages(self) -> set[str]:
        """The rules that a person's browser may ask for."""
        return {
            rule.rule
            for app in self.applications
            for rule in app.url_map.iter_rules()
            if "GET" in (rule.methods or ()) and not f"{rule.rule}/".startswith(_NO_PAGES)
        }

    def rule_of(self, address: str) -> str | None:
        """The rule that an address falls under; None where nothing answers there."""
        path = urlsplit(address).path
        try:
            rule, _arguments = self.site.application(path).url_map.bind("").match(path, "GET", return_rule=True)
        except (HTTPException, RequestRedirect):
            return None
        return str(rule.rule)
