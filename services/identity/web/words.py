"""Roles and places in words."""

from typing import Any

from chassis.i18n import mark as _
from chassis.web import t
from contracts import people

ROLES = {
    people.CMS: _("Social worker (CMS)"),
    people.OSEO: _("OSEO Valais"),
    people.EVALUATOR: _("Evaluator (HES-SO)"),
    people.SAS: _("Canton (SAS)"),
    people.PARTNER: _("Partner"),
    people.OPERATOR: _("Operator"),
    people.ADMINISTRATOR: _("Administrator"),
}
RIGHTS = {people.HEAD: _("Head of the CMS")}
AREAS = {
    "sion-herens-conthey": _("CMS of Sion, Hérens and Conthey"),
    "sierre": _("CMS of Sierre"),
    "martigny-entremont": _("CMS of Martigny and Entremont"),
    "monthey-saint-maurice": _("CMS of Monthey and Saint-Maurice"),
    "haut-valais": _("CMS of Upper Valais"),
}
REGIONS = {
    "sion": _("Sion region"),
    "bas-valais": _("Lower Valais"),
    "sierre": _("Sierre region"),
    "haut-valais": _("Upper Valais"),
}
PARTNERS = {"ville-de-sion": _("City of Sion")}
DEEDS = {
    "create": _("Account made"),
    "disable": _("Account disabled"),
    "enable": _("Account enabled again"),
    "reset_password": _("New initial password"),
}


def role_text(account: Any) -> str:
    """The role, and what an account may do besides."""
    return ", ".join(t(text) for text in (ROLES[account.role], *(RIGHTS[right] for right in account.rights)))


def place_text(account: Any) -> str:
    """Where somebody belongs: their CMS, or their partner and region; empty where the role says it all."""
    areas = [t(AREAS[area]) for area in account.areas]
    partner = [t(PARTNERS[account.partner])] if account.partner in PARTNERS else []
    return ", ".join(areas or partner)


def choices(words: dict[str, str]) -> list[tuple[str, str]]:
    """Choices of a form from codes and words."""
    return [(code, t(text)) for code, text in words.items()]
