"""What administrators do with accounts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from contracts import people
from services.identity.domain import Account, Details, Kind, LastAdministrator, Standing
from services.identity.store import Unit

#: the code under which a role's messages arrive, where the role alone says it
PARTNER_OF_ROLE = {people.OSEO: "oseo-valais", people.EVALUATOR: "hes-so", people.SAS: "sas"}


def invite(unit: Unit, details: Details, by: str) -> Account:
    """An account whose owner gets a link by e-mail, to choose a password. Raises EmailTaken."""
    account = Account.of(unit.new_id(), _placed(details), unit.now)
    unit.accounts.add(account)
    unit.write_letter(Kind.INVITATION, account.id)
    unit.note("invite", account, by)
    return account


def create_account(unit: Unit, details: Details, password_hash: str, by: str) -> Account:
    """An account with an initial password, to be changed at the first sign-in. Raises EmailTaken."""
    account = Account.of(unit.new_id(), _placed(details), unit.now)
    account.give_initial_password(password_hash)
    unit.accounts.add(account)
    unit.note("create", account, by)
    return account


def invite_again(unit: Unit, id: str, by: str) -> None:
    """A new link; those sent before don't work any more. Raises AccountNotFound, NotInvited."""
    account = unit.accounts.get(id, lock=True)
    account.must_be_invited()
    unit.links.void(id)
    unit.letters.drop(id)
    unit.write_letter(Kind.INVITATION, id)
    unit.note("invite_again", account, by)


def take_invitation_back(unit: Unit, id: str, by: str) -> None:
    """There is no such account any more, and never was anybody in it. Raises AccountNotFound, NotInvited."""
    account = unit.accounts.get(id, lock=True)
    account.must_be_invited()
    unit.links.void(id)
    unit.letters.drop(id)
    unit.note("take_back", account, by)
    unit.accounts.remove(account)


def change_account(unit: Unit, id: str, details: Details, by: str) -> Account:
    """Raises AccountNotFound, EmailTaken, LastAdministrator."""
    with _somebody_administers(unit):
        account = unit.accounts.get(id, lock=True)
        before = account.email
        unit.emit(*account.change(_placed(details), unit.now))
        unit.accounts.flush()
        if account.email != before:
            _send_to_new_address(unit, account)
    unit.note("change", account, by)
    return account


def _send_to_new_address(unit: Unit, account: Account) -> None:
    """Whoever reads what went to the old one opens nothing by it; an invitation goes out again."""
    unit.links.void(account.id)
    if account.standing is Standing.INVITED:
        unit.letters.drop(account.id)
        unit.write_letter(Kind.INVITATION, account.id)


def disable_account(unit: Unit, id: str, by: str) -> None:
    """Raises AccountNotFound, NotOneself, LastAdministrator."""
    with _somebody_administers(unit):
        account = unit.accounts.get(id, lock=True)
        unit.emit(*account.disable(by, unit.now))
    unit.links.void(id)
    unit.note("disable", account, by)


def enable_account(unit: Unit, id: str, by: str) -> None:
    account = unit.accounts.get(id, lock=True)
    account.enable()
    unit.note("enable", account, by)


def send_reset_link(unit: Unit, id: str, by: str) -> None:
    """Has the owner sent a link, to choose another password. Raises AccountNotFound."""
    account = unit.accounts.get(id)
    unit.write_letter(Kind.RESET, id)
    unit.note("send_reset_link", account, by)


@contextmanager
def _somebody_administers(unit: Unit) -> Iterator[None]:
    """Refuses what would leave nobody to administer, however many administrators do it to each other at once."""
    before = unit.accounts.who_may_sign_in_as(people.ADMINISTRATOR)
    yield
    left = [each for each in before if each.role == people.ADMINISTRATOR and not each.is_disabled]
    if before and not left:
        raise LastAdministrator


def _placed(details: Details) -> Details:
    """Under which code the messages for the owner arrive, where the role or the area says it."""
    usual = f"cms-{details.areas[0]}" if details.areas else PARTNER_OF_ROLE.get(details.role)
    return replace(details, partner=usual or details.partner)
