"""Signing in through a provider (OpenID Connect). It opens accounts that there are, and never makes one."""

from typing import TYPE_CHECKING

from services.identity.domain import Account, Binding, ProviderRefused, Told
from services.identity.store import Unit

if TYPE_CHECKING:
    from services.identity.wiring import IdentityContext


def enter_by_provider(context: "IdentityContext", told: Told) -> Account:
    """The account of whoever the provider vouches for. Raises ProviderRefused."""
    with context.unit() as unit:
        account = _bound(unit, told) or _bind(unit, told)
        if account.is_disabled:
            raise ProviderRefused("unknown")
        account.accept(unit.now)
        unit.links.void(account.id)
    return account


def _bound(unit: Unit, told: Told) -> Account | None:
    binding = unit.bindings.find(told.issuer, told.subject)
    return unit.accounts.get(binding.account_id, lock=True) if binding else None


def _bind(unit: Unit, told: Told) -> Account:
    """The first time: the address decides, if the provider has verified it and nobody else has come with it."""
    account = unit.accounts.find(told.known_address())
    if account is None or unit.bindings.is_bound(told.issuer, account.id):
        raise ProviderRefused("unknown")
    unit.bindings.add(Binding(told.issuer, told.subject, account.id, unit.now))
    unit.note("bind", account)
    return account
