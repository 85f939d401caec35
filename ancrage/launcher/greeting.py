"""What `ancrage up` tells the person at the terminal once the children run."""

import secrets
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from ancrage.launcher import accounts, readiness
from ancrage.launcher.supervisor import Supervisor
from ancrage.trouble import Trouble

if TYPE_CHECKING:
    from rich.console import Console

    from ancrage.demonstration.rows import Body
    from chassis.settings import Settings

#: seconds to readiness after which the person is told what is missing, and the waiting goes on silently
SOON = 45.0
#: referrals sent by `--demo` into a folder that holds the file's people already
MORE = 20


@dataclass(frozen=True)
class Demonstration:
    """What to send: `file` the 120 referrals of the file, otherwise a few new ones."""

    file: bool

    @staticmethod
    def chosen(wanted: bool, fresh: bool) -> "Demonstration | None":
        return Demonstration(file=fresh) if wanted else None

    def bodies(self) -> "list[Body]":
        from ancrage.demonstration import people, rows

        return rows.put_telling_one_first(rows.from_file() if self.file else people.made_up(MORE, secrets.randbits(32)))


class Greeting:
    """Waits for readiness, shows the demonstration, says where to go; in a thread, so that watching goes on."""

    def __init__(
        self,
        settings: "Settings",
        address: str,
        supervisor: Supervisor,
        console: "Console",
        demonstration: Demonstration | None,
    ) -> None:
        self.settings = settings
        self.address = address
        self.supervisor = supervisor
        self.console = console
        self.demonstration = demonstration
        self._thread = threading.Thread(target=self._greet, name="greeting", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """Stops saying anything; the supervisor is stopping already."""
        self._thread.join(2.0)

    def going_on(self) -> bool:
        return not self.supervisor.stopping.is_set()

    def _greet(self) -> None:
        try:
            if self._wait_until_ready() and self.demonstration is not None:
                self._demonstrate(self.demonstration)
        except Trouble as trouble:
            if self.going_on():
                trouble.show()
        if self.going_on():
            self._say_where_to_go()

    def _wait_until_ready(self) -> bool:
        parts: list[str] = []
        with self.console.status("Starting") as status:
            for ready, parts in readiness.watch(self.address, SOON, self.going_on):
                if ready:
                    self.supervisor.was_ready = True
                    return True
                status.update(f"Starting; waiting for {', '.join(parts) or 'the services'}")
        if self.going_on():
            click.echo(f"ancrage: not ready after {SOON:.0f} s, still missing: {', '.join(parts)}", err=True)
        return False

    def _demonstrate(self, demonstration: Demonstration) -> None:
        from ancrage import tokens
        from ancrage.demonstration import shown
        from ancrage.demonstration.api import Api
        from ancrage.demonstration.journey import Journey
        from contracts.people import ALL_AREAS

        accounts.create(self.settings)
        api = Api(self.address, tokens.issue(self.settings, ALL_AREAS, days=1), "fr")
        journeys = [Journey(body) for body in demonstration.bodies()]
        shown.demonstration(api, journeys, self.console, going_on=self.going_on)

    def _say_where_to_go(self) -> None:
        self.console.print(f"\nAncrage answers at [bold]{self.address}[/]")
        accounts.show(self.settings, self.console)
        folder = self.settings.data
        self.console.print(f"What operators see: ancrage status, trace, failures --data {folder}", soft_wrap=True)
        self.console.print("Stop it with Ctrl-C\n")
