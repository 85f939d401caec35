"""What the audit noted, in words."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from chassis.i18n import mark as _
from chassis.web.language import t
from contracts.people import ADMINISTRATOR, ALL_AREAS, CMS, EVALUATOR, OPERATOR, OSEO, PARTNER, SAS

Row = Mapping[str, Any]

#: what was done -> its name for people
ACTIONS = {
    "see": _("Looked at"),
    "list": _("Saw in a list"),
    "create": _("Made new"),
    "correct": _("Corrected"),
    "change": _("Noted something"),
    "withdraw": _("Withdrew"),
    "complete_wave": _("Noted a wave"),
    "submit": _("Sent a draft in"),
    "discard": _("Discarded a draft"),
    "file": _("Fetched the file to keep"),
    "report_costs": _("Told costs"),
    "withdraw_consent": _("Noted a withdrawn consent"),
    "confirm": _("Referred from a file"),
    "drop": _("Gave up"),
    "propose": _("Proposed rules"),
    "adopt": _("Let rules take effect"),
    "issue": _("Issued a token"),
    "end": _("Ended"),
    "erase": _("Erased"),
    "invite": _("Invited"),
    "invite_again": _("Invited again"),
    "disable": _("Disabled an account"),
    "enable": _("Enabled an account"),
    "send_reset_link": _("Sent a link to a new password"),
    "ask_for_reset": _("Asked for a link to a new password"),
    "choose_password": _("Chose a password"),
    "sign_in": _("Signed in"),
    "sign_out_everywhere": _("Signed out on all devices"),
    "bind": _("Bound an account to that of another site"),
    "second_step": _("Second step of signing in"),
    "second_factor_on": _("Turned the second factor on"),
    "second_factor_off": _("Turned the second factor off"),
    "reset_second_factor": _("Turned somebody’s second factor off"),
}
#: more of what was done: which step at the host, out of what, or why somebody was erased
DETAILS = {
    "start": _("first attendance"),
    "pause": _("interruption"),
    "resume": _("return"),
    "end": _("end"),
    "accept": _("offer accepted"),
    "decline": _("offer declined"),
    "rejoin": _("ready again"),
    "import": _("from a file"),
    "person_asked": _("the person asked for it"),
    "entered_in_error": _("entered in error"),
    "other": _("another reason"),
}
#: as what somebody looked
ROLES = {
    CMS: _("CMS"),
    OSEO: _("OSEO Valais"),
    EVALUATOR: _("HES-SO"),
    SAS: _("Canton (SAS)"),
    PARTNER: _("Partner"),
    OPERATOR: _("Operations"),
    ADMINISTRATOR: _("Administration"),
    "self": "–",  # who is not signed in, at their own account
    "system": _("of itself"),
    "token": _("Another system"),
    "unknown": _("nobody known"),
}
#: whose partner it is, or for which CMS another system asks
ORGANISATIONS = {
    "ville-de-sion": _("City of Sion"),
    "sion-herens-conthey": _("CMS of Sion, Hérens and Conthey"),
    "sierre": _("CMS of Sierre"),
    "martigny-entremont": _("CMS of Martigny and Entremont"),
    "monthey-saint-maurice": _("CMS of Monthey and Saint-Maurice"),
    "haut-valais": _("CMS of Upper Valais"),
    ALL_AREAS: _("All CMS"),
}
ACCOUNT = "account"
#: what has an id instead of a reference or a name; among referrals, drafts have
KINDS = {
    "referral": _("Draft"),
    "draft": _("Draft"),
    "import": _("File of referrals"),
    "token": _("Token"),
    "rules": _("Rules"),
}
OUTCOMES = {"allowed": (_("Allowed"), "green"), "refused": (_("Refused"), "red")}

_SYSTEM = "integration:"  #: begins the account of another system; its own name follows


def who(row: Row, names: Mapping[str, str]) -> str:
    account: str = row["account"]
    return names.get(account, account).removeprefix(_SYSTEM)


def organisation(row: Row) -> list[str]:
    """As what somebody looked, and of which organisation where that does not say it."""
    codes = (row["organisation"] or "").split(",") if row["role"] in (PARTNER, "token") else []
    return [_word(ROLES, row["role"]), *(_word(ORGANISATIONS, code) for code in codes if code)]


def done(row: Row) -> str:
    """What was done, and more of it. Who saw the page on which something is noted has not noted it."""
    what = _word(ACTIONS, row["action"])
    if not row["detail"]:
        return what
    said = _("%(what)s (form: %(more)s)") if row["action"] == "see" else _("%(what)s: %(more)s")
    return t(said, what=what, more=_word(DETAILS, row["detail"]))


def about(row: Row, names: Mapping[str, str]) -> list[str]:
    """The references, and of whatever has none what it is, with the end of its id: ids of one day begin alike."""
    return [_named(row["kind"], each, names) for each in row["references"]]


def _named(kind: str, reference: str, names: Mapping[str, str]) -> str:
    if kind == ACCOUNT:
        return names.get(reference, reference)
    return f"{t(KINDS[kind])} {reference[-8:]}" if kind in KINDS and _is_id(reference) else reference


def _word(known: Mapping[str, str], code: str) -> str:
    """A code that there is no word for stands for itself."""
    return t(known.get(code, code))


def _is_id(reference: str) -> bool:
    try:
        UUID(reference)
    except ValueError:
        return False
    return True


#: what the template calls
GLOBALS = {"OUTCOMES": OUTCOMES, "who": who, "organisation": organisation, "done": done, "about": about}
