"""Options that several commands share, and how settings are read for them."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ancrage.trouble import Exit, Trouble

if TYPE_CHECKING:
    from chassis.settings import Settings

Command = Callable[..., Any]

data = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder with stores, keys, mail and logs (or ANCRAGE_DATA; ./data otherwise).",
)
as_json = click.option("--json", "as_json", is_flag=True, help="For programs: one JSON document.")


def read_settings(folder: Path | None, *, port: int | None = None, create: bool = False) -> "Settings":
    """The settings of the environment with what the command line said instead; raises Trouble."""
    from chassis.settings import Settings, SettingsError

    try:
        return Settings.read(data=folder, port=port, create=create)
    except SettingsError as error:
        raise Trouble(str(error), Exit.SETTINGS) from error
