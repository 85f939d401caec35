"""Sending letters: claim in one short transaction, speak with the mail server outside any, note what came of it."""

import secrets
from typing import TYPE_CHECKING

import structlog

from chassis.mail import Letter, Refusal
from services.identity.domain import Account, AccountNotFound, Kind, Link, OutgoingLetter, Purpose, Standing
from services.identity.handlers.texts import compose
from services.identity.queries import is_letter_due
from services.identity.store import Unit

if TYPE_CHECKING:
    from services.identity.wiring import IdentityContext

log = structlog.get_logger(__name__)

BATCH = 20


def send_due_letters(context: "IdentityContext") -> None:
    """Sends what is due; what can't be sent is tried again later."""
    with context.reading() as session:
        if not is_letter_due(session, context.clock.now()):
            return
    letters = _claim(context)
    outcomes = _send(context, letters)
    with context.unit() as unit:
        for letter in unit.letters.by_ids(outcomes):
            _settle(letter, outcomes[letter.id], unit)
    refused = sum(refusal is not None for refusal in outcomes.values())
    log.info("mail", service=context.name, sent=len(outcomes) - refused, not_sent=refused)


def _claim(context: "IdentityContext") -> list[Letter]:
    with context.unit() as unit:
        return [letter for waiting in unit.letters.due(unit.now, BATCH) if (letter := _claimed(unit, waiting))]


def _claimed(unit: Unit, waiting: OutgoingLetter) -> Letter | None:
    """None for a letter that is not to be sent: its account is gone, disabled, or never was."""
    account = _reader(unit, waiting)
    if account is None:
        unit.letters.remove(waiting)
        return None
    waiting.claim(unit.now)
    link = _new_link(unit, account) if waiting.kind in (Kind.INVITATION, Kind.RESET) else None
    kind = link[1].purpose if link else waiting.kind
    return compose(waiting.id, kind, account, unit.context.settings.public_url, link)


def _reader(unit: Unit, waiting: OutgoingLetter) -> Account | None:
    if waiting.account_id is None:
        return None
    try:
        account = unit.accounts.get(waiting.account_id)
    except AccountNotFound:
        return None
    return None if account.is_disabled else account


def _new_link(unit: Unit, account: Account) -> tuple[str, Link]:
    """Made when the letter goes: what it holds stands in the letter and nowhere else."""
    token = secrets.token_urlsafe(32)
    purpose = Purpose.INVITATION if account.standing is Standing.INVITED else Purpose.RESET
    link = Link.new(unit.context.link_key(token), account.id, purpose, unit.now)
    unit.links.add(link)
    return token, link


def _send(context: "IdentityContext", letters: list[Letter]) -> dict[str, Refusal | None]:
    with context.open_post() as post:
        return {letter.id: post.send(letter, context.clock.now()) for letter in letters}


def _settle(letter: OutgoingLetter, refusal: Refusal | None, unit: Unit) -> None:
    if refusal is None:
        letter.sent(unit.now)
    else:
        letter.refused(refusal.cause, refusal.permanent, unit.now)
