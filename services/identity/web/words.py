"""Roles and places in words."""

from typing import Any

from chassis.audit import REFUSED
from chassis.i18n import format_datetime
from chassis.i18n import mark as _
from chassis.web import t
from contracts import people
from services.identity.domain import Standing

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
    "invite": _("Invited"),
    "invite_again": _("Invited again"),
    "create": _("Account made"),
    "change": _("Account changed"),
    "disable": _("Account disabled"),
    "enable": _("Account enabled again"),
    "send_reset_link": _("Link to a new password sent"),
    "ask_for_reset": _("Link to a new password asked for"),
    "choose_password": _("Password chosen"),
    "sign_in": _("Signed in"),
    "bind": _("Bound to the account of another site"),
    "second_step": _("Second step done"),
    "second_factor_on": _("Second factor turned on"),
    "second_factor_off": _("Second factor turned off"),
    "reset_second_factor": _("Second factor turned off by an administrator"),
    "sign_out_everywhere": _("Signed out on all devices"),
}
REFUSED_DEEDS = {"sign_in": _("Sign-in refused"), "second_step": _("Second step refused")}
STANDINGS = {
    Standing.INVITED: (_("Invited"), "blue"),
    Standing.INITIAL: (_("Initial password"), "blue"),
    Standing.OPEN: (_("Active"), "green"),
    Standing.DISABLED: (_("Disabled"), "grey"),
}
CAUSES = {
    "refused": _("The mail server refuses it; it is tried again."),
    "unreachable": _("The mail server cannot be reached; it is tried again."),
    "bad_address": _("The address does not exist."),
}
DISABLED = _("The account is disabled.")
ENABLED = _("The account is enabled again.")
INVITED_AGAIN = _("A new invitation is on its way. The links sent before do not work any more.")
TAKEN_BACK = _("The invitation was taken back.")
RESET_LINK_SENT = _("An e-mail with a link to choose a new password is on its way.")
SECOND_FACTOR_OFF = _("The second factor is turned off. The person was signed out and told by e-mail.")
PROVIDER_REFUSED = {
    "unknown": _("There is no account for you here. Ask an administrator for an invitation."),
    "unverified": _("Your e-mail address is not verified there. Sign in with your password."),
}
PROVIDER_FAILED = _("Signing in there did not succeed. Please try once more.")
PROVIDER_AWAY = _("The other site does not answer at the moment. Sign in with your password.")
LAST_ADMINISTRATOR = _("This is the last administrator. Give somebody else this role first.")


def role_text(account: Any) -> str:
    """The role, and what an account may do besides."""
    return ", ".join(t(text) for text in (ROLES[account.role], *(RIGHTS[right] for right in account.rights)))


def deed_text(deed: Any) -> str:
    """What was done, in words; a refusal has its own where there can be one."""
    refused = deed.outcome == REFUSED and deed.action in REFUSED_DEEDS
    return t(REFUSED_DEEDS[deed.action] if refused else DEEDS[deed.action])


def letter_text(letter: Any) -> str:
    """What became of an e-mail."""
    if letter.sent_at is not None:
        return t(_("sent on %(at)s"), at=format_datetime(letter.sent_at))
    if letter.is_given_up:
        return t(_("could not be delivered")) + _why(letter)
    return t(_("on its way")) + _why(letter)


def _why(letter: Any) -> str:
    return f". {t(CAUSES[letter.cause])}" if letter.cause in CAUSES else ""


def standing_of(line: Any) -> tuple[str, str]:
    """Word and colour of an account's state."""
    text, colour = STANDINGS[line.standing]
    return t(text), colour


def place_text(account: Any) -> str:
    """Where somebody belongs: their CMS, or their partner and region; empty where the role says it all."""
    areas = [t(AREAS[area]) for area in account.areas]
    partner = [t(PARTNERS[account.partner])] if account.partner in PARTNERS else []
    return ", ".join(areas or partner)


def choices(words: dict[str, str]) -> list[tuple[str, str]]:
    """Choices of a form from codes and words."""
    return [(code, t(text)) for code, text in words.items()]
