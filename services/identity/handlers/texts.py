"""What letters say, in French and German: no name, and nothing that is personal but the address they go to."""

from datetime import datetime

from chassis.i18n import Catalogue, format_datetime
from chassis.i18n import mark as _
from chassis.mail import Letter
from services.identity.domain import Account, Kind, Link

CATALOGUE = Catalogue("services.identity")

#: kind -> subject, what has happened, what to do if it was somebody else
SAID: dict[str, tuple[str, str, str]] = {
    Kind.INVITATION: (
        _("Your access to Ancrage"),
        _("An account has been made for you on Ancrage, the site of active social integration."),
        _("If you do not know what this is about, you need do nothing."),
    ),
    Kind.RESET: (
        _("Choose a new password"),
        _("Somebody, probably you, has asked to choose a new password for your account on Ancrage."),
        _("If it was not you, you need do nothing: your password stays as it is."),
    ),
    Kind.SECOND_FACTOR_OFF: (
        _("Your second factor has been turned off"),
        _("From now on the password alone opens your account on Ancrage."),
        _("If it was not you, choose another at once, and tell your administrator:"),
    ),
    Kind.PASSWORD_CHANGED: (
        _("Your password has been changed"),
        _("The password of your account on Ancrage has just been changed."),
        _("If it was not you, choose another at once, and tell your administrator:"),
    ),
}
FORGOTTEN_PATH = "/account/forgotten"
LINK_PATH = "/account/link/"


def compose(id: str, kind: str, account: Account, public_url: str, link: tuple[str, Link] | None) -> Letter:
    """`link`: what it holds, and until when it works."""
    language = account.language
    subject, happened, otherwise = (CATALOGUE.gettext(language, text) for text in SAID[kind])
    said = [CATALOGUE.gettext(language, _("Hello,")), happened]
    if link is not None:
        token, until = link[0], link[1].expires_at
        said.append(f"{_how_to_use(language, until)}\n{public_url}{LINK_PATH}{token}")
    said.append(f"{otherwise}\n{public_url}{FORGOTTEN_PATH}" if link is None else otherwise)
    said.append("-- \n" + CATALOGUE.gettext(language, _("Ancrage – active social integration")))
    whole = CATALOGUE.gettext(language, _("Ancrage: %(news)s"), news=subject)
    return Letter(id, account.email, language, whole, "\n\n".join(said) + "\n", private=link is not None)


def _how_to_use(language: str, until: datetime) -> str:
    text = _("Choose your password by this link. It works once, until %(until)s:")
    return CATALOGUE.gettext(language, text, until=format_datetime(until))
