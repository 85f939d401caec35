"""What administrators do with accounts."""

from dataclasses import dataclass

from contracts import people
from services.identity.domain import Account, normalised_email
from services.identity.store import Unit

#: the code under which a role's messages arrive, where the role alone says it
PARTNER_OF_ROLE = {people.OSEO: "oseo-valais", people.EVALUATOR: "hes-so", people.SAS: "sas"}


@dataclass(frozen=True, kw_only=True)
class CreateAccount:
    """An account for somebody; `area` and `rights` for the role cms, `partner` and `region` for the role partner."""

    email: str
    name: str
    role: str
    language: str
    area: str | None = None
    rights: tuple[str, ...] = ()
    partner: str | None = None
    region: str | None = None


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
        rights=list(command.rights),
        password_hash=password_hash,
        created_at=unit.now,
    )
    unit.accounts.add(account)
    unit.log(by, "create", [account.id])
    return account


def disable_account(unit: Unit, id: str, by: str) -> None:
    """Raises AccountNotFound, NotOneself."""
    unit.emit(*unit.accounts.get(id, lock=True).disable(by, unit.now))
    unit.log(by, "disable", [id])


def enable_account(unit: Unit, id: str, by: str) -> None:
    unit.accounts.get(id, lock=True).enable()
    unit.log(by, "enable", [id])


def reset_password(unit: Unit, id: str, password_hash: str, by: str) -> Account:
    """Gives an account another initial password. Raises AccountNotFound."""
    account = unit.accounts.get(id, lock=True)
    unit.emit(*account.reset_password(password_hash, unit.now))
    unit.log(by, "reset_password", [id])
    return account
