"""`ancrage erase`: forgetting a person in all services."""

from pathlib import Path
from typing import Any

import click

from ancrage import options
from ancrage.commands.retention import with_referrals
from ancrage.trouble import Exit, Trouble

REASONS = ("person_asked", "entered_in_error", "other")


@click.command("erase")
@click.argument("reference")
@options.data
@click.option("--reason", type=click.Choice(REASONS), help="Needed unless it is a dry run.")
@click.option("--yes", is_flag=True, help="Do not ask again.")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
def command(reference: str, data: Path | None, reason: str | None, yes: bool, dry_run: bool) -> None:
    """Erase the person of the referral REFERENCE, with all of the person's referrals, in all services."""
    from services.referral.domain import ReferralNotFound

    reference = reference.strip().upper()
    try:
        found = with_referrals(data, lambda context: _found(context, reference))
        if dry_run:
            click.echo(f"would be erased: {' '.join(found)}")
            return
        if reason is None:
            raise click.UsageError("Missing option '--reason'.")
        click.echo(f"{len(found)} referrals go: {' '.join(found)}", err=True)
        if not yes:
            click.confirm("This cannot be undone. Erase the person?", abort=True, err=True)
        erased = with_referrals(data, lambda context: _erase(context, reference, reason))
    except ReferralNotFound as error:
        raise Trouble(f"there is no referral {reference}", Exit.UNKNOWN) from error
    click.echo(f"erased: {' '.join(erased)}; the workers tell all services")


def _found(context: Any, reference: str) -> list[str]:
    from contracts.people import ALL_AREAS
    from services.referral import queries

    with context.reading() as session:
        return [each.reference for each in queries.erased_with(session, reference, (ALL_AREAS,))]


def _erase(context: Any, reference: str, reason: str) -> list[str]:
    from chassis import audit
    from contracts.people import ALL_AREAS
    from services.referral import handlers
    from services.referral.domain import ErasePerson

    who = audit.Actor(account="command line", role="administrator")
    deed = audit.Deed(kind="referral", action="erase", who=lambda: who, detail=reason)
    with audit.doing(deed), context.unit() as unit:
        erased: list[str] = handlers.erase_person(unit, reference, ErasePerson(reason=reason), (ALL_AREAS,))
    return erased
