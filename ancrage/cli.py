"""The command `ancrage`: finds the subcommand and imports only what it needs."""

import importlib
import os
import sys

import click

from ancrage.trouble import Exit, Trouble

#: command -> the module that holds it, and one line of help (kept here so that --help imports none of them)
COMMANDS = {
    "up": ("ancrage.commands.up", "Run everything on this machine."),
    "demo": ("ancrage.commands.demo", "Send made-up referrals to a running system and watch their way."),
    "administrator": ("ancrage.commands.administrator", "Make the first administrator's account."),
    "token": ("ancrage.commands.token", "Print an API token; list tokens and end them."),
    "status": ("ancrage.commands.status", "Say how the services and their queues are."),
    "trace": ("ancrage.commands.trace", "Show every event of one referral."),
    "retention": ("ancrage.commands.retention", "Announce and erase what is kept no longer, or say what would go."),
    "erase": ("ancrage.commands.erase", "Erase a person in all services."),
    "audit": ("ancrage.commands.audit", "List who saw or changed what, or verify that nobody tampered with it."),
    "failures": ("ancrage.commands.failures", "List, show, retry, edit or discard what could not be handled."),
    "bench": ("ancrage.commands.bench", "Measure how fast a running system is."),
    "web": ("ancrage.commands.web", "Run the pages of one or more services."),
    "worker": ("ancrage.commands.worker", "Run the workers of one or more services."),
    "migrate": ("ancrage.commands.migrate", "Bring the stores of one or more services up to date."),
}
#: whose standard error is a log: there a defect belongs with all that is known of it
SERVERS = (["web"], ["worker"])


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called, so that `ancrage --help` answers at once."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[name][0]).command
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


EPILOG = (
    "Exit codes: 0 done, 1 unexpected, 2 wrong usage, 3 a setting is wrong, 4 port or folder in use, "
    "5 not found, 6 not reachable, 7 reachable but not well, 8 refused, 130 interrupted."
)


@click.group(cls=LazyGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ancrage")
def ancrage() -> None:
    """From a social worker's referral to a place in a group."""


def main() -> None:
    """Runs the command line; exit codes are those of `ancrage.trouble.Exit`."""
    try:
        code = ancrage.main(standalone_mode=False)
    except click.exceptions.Abort:
        code = Exit.INTERRUPTED
    except Trouble as trouble:
        trouble.show()
        code = trouble.code
    except click.ClickException as wrong:
        wrong.show()
        code = wrong.exit_code
    except BrokenPipeError:
        _close_quietly()
        code = Exit.DONE
    except Exception as defect:
        if sys.argv[1:2] in SERVERS or "ANCRAGE_DEBUG" in os.environ:
            raise
        click.echo(f"ancrage: unexpected {type(defect).__name__}: {defect} (ANCRAGE_DEBUG=1 shows where)", err=True)
        code = Exit.UNEXPECTED
    sys.exit(int(code or 0))


def _close_quietly() -> None:
    """Whoever read our output (`ancrage trace … | head`) has enough; the interpreter must not complain at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
