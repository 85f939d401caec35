"""Who may sign in for a demonstration."""

from typing import Any, NamedTuple

from chassis.i18n import mark as _
from contracts import people
from contracts.vocabulary import CMS_AREAS
from services.identity.domain import Details
from services.identity.handlers.people import create_account
from services.identity.store import Unit


class DemoAccount(NamedTuple):
    """Who may sign in for a demonstration; `description` is a sentence of the catalogue."""

    email: str
    password: str
    role: str
    description: str


_DEMO_DOMAIN = "demo.ancrage.example"
_CMS = _("Refers people and follows their way")
_HEAD = _("Leads a CMS: also sees who looked at its referrals")
_DEMO: tuple[tuple[str, str, str, str, dict[str, Any], str], ...] = (
    ("cms.sion", "Amélie Rey", people.CMS, "fr", {"areas": (CMS_AREAS[0],)}, _CMS),
    ("cms.sierre", "David Salamin", people.CMS, "fr", {"areas": (CMS_AREAS[1],)}, _CMS),
    ("cms.martigny", "Sophie Darbellay", people.CMS, "fr", {"areas": (CMS_AREAS[2],)}, _CMS),
    ("cms.monthey", "Julien Udressy", people.CMS, "fr", {"areas": (CMS_AREAS[3],)}, _CMS),
    ("cms.visp", "Nadja Imboden", people.CMS, "de", {"areas": (CMS_AREAS[4],)}, _CMS),
    (
        "direction.sion",
        "Françoise Bagnoud",
        people.CMS,
        "fr",
        {"areas": (CMS_AREAS[0],), "rights": (people.HEAD,)},
        _HEAD,
    ),
    ("oseo", "Claire Fournier", people.OSEO, "fr", {}, _("OSEO Valais: hosts the groups, places and accompanies")),
    ("hes-so", "Marc Steiner", people.EVALUATOR, "fr", {}, _("HES-SO: evaluates, under pseudonyms")),
    ("sas", "Catherine Zufferey", people.SAS, "fr", {}, _("Canton (SAS): figures, never people")),
    (
        "ville.sion",
        "Pierre-Alain Dayer",
        people.PARTNER,
        "fr",
        {"partner": "ville-de-sion", "region": "sion"},
        _("City of Sion: counts and statuses of its region"),
    ),
    ("operations", "Lena Ruppen", people.OPERATOR, "de", {}, _("Operator: keeps services and queues running")),
    ("administration", "Olivier Métrailler", people.ADMINISTRATOR, "fr", {}, _("Administrator: accounts")),
)


def create_demo_accounts(unit: Unit, password: str | None = None) -> list[DemoAccount]:
    """Makes the demonstration accounts that are not there yet, and lists them all."""
    password = password or unit.context.demo_password
    hashed = unit.context.passwords.hash(password)
    listed = []
    for mailbox, name, role, language, place, description in _DEMO:
        email = f"{mailbox}@{_DEMO_DOMAIN}"
        if unit.accounts.find(email) is None:
            details = Details(email=email, name=name, role=role, language=language, **place)
            account = create_account(unit, details, hashed, by="demonstration")
            account.choose_password(hashed, unit.now)  # everybody knows it, and that is what it is for
            account.demonstration = True
        listed.append(DemoAccount(email, password, role, description))
    return listed


def demo_description(email: str) -> str:
    """What a demonstration account is there for, as a sentence of the catalogue."""
    mailbox = email.split("@")[0]
    return next((each[-1] for each in _DEMO if each[0] == mailbox), "")
