"""What the identity service does: one function per command."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from chassis.i18n import mark as _
from contracts import people
from contracts.vocabulary import CMS_AREAS
from services.identity.domain import (
    FORGOTTEN_AFTER,
    FREE_BY_ACCOUNT,
    FREE_BY_ADDRESS,
    Account,
    SignInRefused,
    TooManyAttempts,
    check_password,
    normalised_email,
)
from services.identity.store import Unit

if TYPE_CHECKING:
    from services.identity.wiring import IdentityContext

#: the code under which a role's messages arrive, where the role alone says it
PARTNER_OF_ROLE = {people.OSEO: "oseo-valais", people.EVALUATOR: "hes-so", people.SAS: "sas"}


@dataclass(frozen=True, kw_only=True)
class CreateAccount:
    """An account for somebody; `area` for the role cms, `partner` and `region` for the role partner."""

    email: str
    name: str
    role: str
    language: str
    area: str | None = None
    partner: str | None = None
    region: str | None = None


def sign_in(context: "IdentityContext", email: str, password: str, address: str) -> Account:
    """The account that e-mail and password open. Raises TooManyAttempts, SignInRefused.

    Three steps, because checking a password takes long and nobody else's writing shall wait for it.
    """
    count_attempt(context, email, address)
    with context.reading() as session:
        known = Unit(context, session).accounts.find(email)
    fits = context.passwords.fits(known.password_hash if known else None, password)
    if known is None or known.is_disabled or not fits:
        raise SignInRefused
    return _note_sign_in(context, known.id, password, email, address)


def count_attempt(context: "IdentityContext", email: str, address: str) -> None:
    """Counts an attempt on the account and from the address, before it is known to fail. Raises TooManyAttempts."""
    free = {context.account_key(email): FREE_BY_ACCOUNT, context.address_key(address): FREE_BY_ADDRESS}
    refusals = []
    with context.unit() as unit:
        for throttle in unit.throttles.take(free):
            try:
                throttle.attempt(unit.now)
            except TooManyAttempts as refusal:
                refusals.append(refusal)
    if refusals:
        raise max(refusals, key=lambda refusal: refusal.until)


def _note_sign_in(context: "IdentityContext", id: str, password: str, email: str, address: str) -> Account:
    outdated = None
    with context.unit() as unit:
        account = unit.accounts.get(id, lock=True)
        account.note_sign_in(unit.now)
        by_account, by_address = unit.throttles.take({context.account_key(email): 0, context.address_key(address): 0})
        by_account.succeed()
        by_address.forgive()
        outdated = context.passwords.is_outdated(account.password_hash)
    if outdated:
        _hash_anew(context, id, password)
    return account


def _hash_anew(context: "IdentityContext", id: str, password: str) -> None:
    """The parameters of hashing have grown since this password was hashed."""
    hashed = context.passwords.hash(password)
    with context.unit() as unit:
        unit.accounts.get(id, lock=True).password_hash = hashed


def change_password(context: "IdentityContext", id: str, current: str, new: str) -> Account:
    """Raises SignInRefused where `current` is wrong, PasswordRefused where `new` is not good enough."""
    with context.reading() as session:
        account = Unit(context, session).accounts.get(id)
    if not context.passwords.fits(account.password_hash, current):
        raise SignInRefused
    check_password(new, account.email, account.name)
    hashed = context.passwords.hash(new)
    with context.unit() as unit:
        account = unit.accounts.get(id, lock=True)
        account.change_password(hashed, unit.now)
    return account


def choose_first_password(context: "IdentityContext", id: str, new: str) -> Account:
    """Replaces an initial password that was typed in correctly just before. Raises PasswordRefused."""
    with context.reading() as session:
        account = Unit(context, session).accounts.get(id)
    check_password(new, account.email, account.name)
    hashed = context.passwords.hash(new)
    with context.unit() as unit:
        account = unit.accounts.get(id, lock=True)
        if not account.password_initial or account.is_disabled:
            raise SignInRefused
        account.change_password(hashed, unit.now)
        account.note_sign_in(unit.now)
    return account


def choose_language(unit: Unit, id: str, language: str) -> None:
    unit.accounts.get(id, lock=True).language = language


def create_account(unit: Unit, command: CreateAccount, password_hash: str, by: str) -> Account:
    """An account with an initial password, to be changed at the first sign-in. Raises EmailTaken."""
    account = Account(
        id=unit.new_id(),
        email=normalised_email(command.email),
        name=command.name,
        role=command.role,
        language=command.language,
        areas=[command.area] if command.area else [],
        partner=f"cms-{command.area}" if command.area else PARTNER_OF_ROLE.get(command.role, command.partner),
        region=command.region,
        password_hash=password_hash,
        created_at=unit.now,
    )
    unit.accounts.add(account)
    unit.log(by, "create", [account.id])
    return account


def disable_account(unit: Unit, id: str, by: str) -> None:
    """Raises AccountNotFound, NotOneself."""
    unit.accounts.get(id, lock=True).disable(by, unit.now)
    unit.log(by, "disable", [id])


def enable_account(unit: Unit, id: str, by: str) -> None:
    unit.accounts.get(id, lock=True).enable()
    unit.log(by, "enable", [id])


def reset_password(unit: Unit, id: str, password_hash: str, by: str) -> Account:
    """Gives an account another initial password. Raises AccountNotFound."""
    account = unit.accounts.get(id, lock=True)
    account.reset_password(password_hash, unit.now)
    unit.log(by, "reset_password", [id])
    return account


def forget_attempts(context: "IdentityContext") -> int:
    """Drops counters that mean nothing any more; returns how many."""
    with context.unit() as unit:
        return unit.throttles.forget(unit.now - FORGOTTEN_AFTER)


class DemoAccount(NamedTuple):
    """Who may sign in for a demonstration; `description` is a sentence of the catalogue."""

    email: str
    password: str
    role: str
    description: str


_DEMO_DOMAIN = "demo.ancrage.example"
_CMS = _("Refers people and follows their way")
_DEMO: tuple[tuple[str, str, str, str, dict[str, str], str], ...] = (
    ("cms.sion", "Amélie Rey", people.CMS, "fr", {"area": CMS_AREAS[0]}, _CMS),
    ("cms.sierre", "David Salamin", people.CMS, "fr", {"area": CMS_AREAS[1]}, _CMS),
    ("cms.martigny", "Sophie Darbellay", people.CMS, "fr", {"area": CMS_AREAS[2]}, _CMS),
    ("cms.monthey", "Julien Udressy", people.CMS, "fr", {"area": CMS_AREAS[3]}, _CMS),
    ("cms.visp", "Nadja Imboden", people.CMS, "de", {"area": CMS_AREAS[4]}, _CMS),
    ("oseo", "Claire Fournier", people.OSEO, "fr", {}, _("OSEO Valais: hosts the groups, places and accompanies")),
    ("hes-so", "Marc Bonvin", people.EVALUATOR, "fr", {}, _("HES-SO: evaluates, under pseudonyms")),
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
            command = CreateAccount(email=email, name=name, role=role, language=language, **place)
            account = create_account(unit, command, hashed, by="demonstration")
            account.password_initial, account.demonstration = False, True
        listed.append(DemoAccount(email, password, role, description))
    return listed


def demo_description(email: str) -> str:
    """What a demonstration account is there for, as a sentence of the catalogue."""
    mailbox = email.split("@")[0]
    return next((each[-1] for each in _DEMO if each[0] == mailbox), "")
