"""`ancrage administrator`: the first account of a new system, which then makes all others on its pages."""

from pathlib import Path
from typing import Any

import click

from ancrage import options
from ancrage.trouble import Exit, Trouble


@click.command("administrator")
@click.argument("email")
@click.option("--name", required=True, help="As other people at the desk know them.")
@click.option("--language", type=click.Choice(["fr", "de"]), default="fr", show_default=True)
@options.data
def command(email: str, name: str, language: str, data: Path | None) -> None:
    """Make an administrator's account for EMAIL and print its first password, to be changed on signing in."""
    from ancrage import stores

    with stores.opened("identity", stores.settings_of(data)) as context:
        password = _create(context, {"email": email, "name": name, "language": language})
    click.echo(password)


def _create(identity: Any, told: dict[str, str]) -> str:
    from marshmallow import ValidationError

    from contracts.people import ADMINISTRATOR
    from services.identity import handlers
    from services.identity.domain import EmailTaken
    from services.identity.forms import AccountForm

    password: str = identity.passwords.generate()
    try:
        account = AccountForm().load(told | {"role": ADMINISTRATOR})
        with identity.unit() as unit:
            handlers.create_account(unit, account, identity.passwords.hash(password), by="command line")
    except ValidationError as error:
        raise Trouble(f"not a valid {', '.join(error.normalized_messages())}", Exit.USAGE) from error
    except EmailTaken as error:
        raise Trouble(f"{told['email']} has an account already", Exit.REFUSED) from error
    return password
