"""What can go wrong for somebody at the command line, and the exit code that says so."""

from enum import IntEnum

import click


class Exit(IntEnum):
    """Exit codes of every command (2 is click's own, for wrong usage)."""

    DONE = 0
    UNEXPECTED = 1  #: a defect of ours, or a child that would not start
    USAGE = 2
    SETTINGS = 3  #: a setting is missing or wrong
    BUSY = 4  #: the port or the data folder is in use
    UNKNOWN = 5  #: no such referral, failure or service
    UNREACHABLE = 6  #: a database or the running system does not answer
    UNWELL = 7  #: the system answers, but something in it needs a person
    REFUSED = 8  #: the system answered no: a wrong token, a failure that cannot be retried
    INTERRUPTED = 130


class Trouble(click.ClickException):
    """Stops the command with one line on standard error and `code`."""

    def __init__(self, message: str, code: Exit = Exit.UNEXPECTED) -> None:
        super().__init__(message)
        self.code = code

    def show(self, file: object = None) -> None:
        click.echo(f"ancrage: {self.format_message()}", err=True)
